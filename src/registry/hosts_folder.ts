import type { TlsOptions } from "../http/http_request.ts";
import { findFileText } from "../io/find_file_text.ts";
import { localCall } from "../io/local_error.ts";
import { readDockerTls, readEntryTls } from "./host_certificates.ts";
import {
  apiHost,
  credentialName,
  type Endpoint,
  originEndpoint,
} from "./endpoint.ts";
import type { HostEntry, HostsFile } from "./hosts_toml.ts";

/** Settings of {@linkcode createEndpointSource}. */
export interface HostsOptions {
  /**
   * Folders of registries in containerd's layout, in the order to look; the
   * first that has a folder for the registry, or `_default`, counts.
   */
  readonly folders: readonly string[];
  /** Told of what a file has that means nothing here. */
  readonly onWarning?: ((message: string) => void) | undefined;
}

/**
 * Who serves a registry: the mirrors of its `hosts.toml`, and the registry
 * itself last. Each registry's file is read once.
 */
export function createEndpointSource(
  options: HostsOptions,
): (registry: string) => Promise<readonly Endpoint[]> {
  const known = new Map<string, Promise<readonly Endpoint[]>>();
  return (registry) => {
    const endpoints = known.get(registry) ??
      loadEndpoints(options, registry);
    known.set(registry, endpoints);
    return endpoints;
  };
}

async function loadEndpoints(
  options: HostsOptions,
  registry: string,
): Promise<readonly Endpoint[]> {
  for (const folder of options.folders) {
    for (const name of folderNames(registry)) {
      const dir = `${folder}/${name}`;
      if (await isFolder(dir)) {
        return await readFolder(dir, registry, options);
      }
    }
  }
  return [originEndpoint(registry)];
}

/** The folders that may hold a registry's file: `localhost_5000_`, `localhost:5000`, `_default`. */
export function folderNames(registry: string): readonly string[] {
  const port = /^(.+):([0-9]+)$/.exec(registry);
  const portable = port === null ? [] : [`${port[1]}_${port[2]}_`];
  return [...portable, registry, "_default"];
}

async function isFolder(path: string): Promise<boolean> {
  try {
    return (await Deno.stat(path)).isDirectory;
  } catch (error) {
    // Also a name that this system can't have, such as one with a colon on Windows.
    if (error instanceof Deno.errors.NotFound || error instanceof TypeError) {
      return false;
    }
    return await localCall("read", path, () => Promise.reject(error));
  }
}

async function readFolder(
  dir: string,
  registry: string,
  { onWarning }: HostsOptions,
): Promise<readonly Endpoint[]> {
  const where = `${dir}/hosts.toml`;
  const text = await findFileText(where);
  if (text === undefined) {
    const endpoint = { ...originEndpoint(registry), origin: dir };
    return [withTls(endpoint, await readDockerTls(dir))];
  }
  // Loaded here: few have such a file.
  const [{ parse }, { parseHostsToml }] = await Promise.all([
    import("smol-toml"),
    import("./hosts_toml.ts"),
  ]);
  const file = parseHostsToml(text, where, parse);
  for (const warning of file.warnings) onWarning?.(warning);
  return await buildEndpoints(file, registry, dir);
}

async function buildEndpoints(
  { mirrors, server }: HostsFile,
  registry: string,
  dir: string,
): Promise<readonly Endpoint[]> {
  const endpoints = mirrors.map(async (entry) =>
    await buildEndpoint(entry, registry, dir, true)
  );
  return await Promise.all([
    ...endpoints,
    buildEndpoint(server, registry, dir, false),
  ]);
}

async function buildEndpoint(
  entry: HostEntry,
  registry: string,
  dir: string,
  isMirror: boolean,
): Promise<Endpoint> {
  const { capabilities, headers, connectTimeoutMs } = entry;
  const start = entry.base === undefined
    ? originEndpoint(registry)
    : namedEndpoint(entry.base, registry);
  return withTls(
    {
      ...start,
      isMirror,
      capabilities,
      headers,
      origin: `${dir}/hosts.toml`,
      ...(connectTimeoutMs === undefined ? {} : { connectTimeoutMs }),
    },
    await readEntryTls(entry, dir),
  );
}

function namedEndpoint(given: URL, registry: string): Endpoint {
  const base = new URL(given);
  base.host = apiHost(base.host);
  const name = credentialName(base.host);
  return {
    ...originEndpoint(registry),
    name,
    base,
    // The file names the scheme, so there is nothing to guess.
    allowPlainHttp: "never",
    ...(name === registry ? {} : { namespace: registry }),
  };
}

function withTls(endpoint: Endpoint, tls: TlsOptions): Endpoint {
  return Object.keys(tls).length === 0 ? endpoint : { ...endpoint, tls };
}
