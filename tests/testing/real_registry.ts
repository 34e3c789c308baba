import type { TestBlob, TestImage } from "./image_builder.ts";
import { writeImageLayout } from "./image_layout.ts";
import { configText, htpasswdLine } from "./real_registry_config.ts";
import { mustRun, type RunningCommand, spawnCommand } from "./run_command.ts";
import { tempDir } from "./temp_dir.ts";

/** Options of {@linkcode startRealRegistry}. */
export interface RealRegistryOptions {
  /** Asks for this user by HTTP Basic. */
  readonly user?: { readonly name: string; readonly password: string };
  /** Mirrors this registry, as `http://HOST`. Nothing can be pushed then. */
  readonly proxyOf?: string;
  readonly tls?: { readonly certFile: string; readonly keyFile: string };
  /** Only clients with a certificate of this CA. */
  readonly clientCaFile?: string;
  /** Default: a free one. */
  readonly port?: number;
}

/** A `docker-registry` process of its own on loopback. */
export interface RealRegistry extends AsyncDisposable {
  /** `127.0.0.1:PORT`. */
  readonly host: string;
  readonly url: string;
  readonly user?: { readonly name: string; readonly password: string };
  /** Access log lines so far, in Apache's format. */
  readonly accessLog: readonly string[];
  /** Kills the process at once; its port is free then. */
  kill(): Promise<void>;
  /** Starts it again on the same port, with the same content. */
  restart(): Promise<void>;
}

/** Starts a `docker-registry` (see `requirePeers`) and waits until it listens. */
export async function startRealRegistry(
  options: RealRegistryOptions = {},
): Promise<RealRegistry> {
  const dir = await tempDir("dray-registry-");
  let port = options.port ?? 0;
  let child = await start(dir.path, options, port);
  port = await listeningPort(child);
  const host = `127.0.0.1:${port}`;
  async function kill(): Promise<void> {
    child.kill("SIGKILL");
    await child.result;
  }
  return {
    host,
    url: `${options.tls === undefined ? "http" : "https"}://${host}`,
    ...options.user === undefined ? {} : { user: options.user },
    get accessLog() {
      return child.stdout.split("\n").filter((line) => line !== "");
    },
    kill,
    async restart() {
      await kill();
      child = await start(dir.path, options, port);
      await listeningPort(child);
    },
    async [Symbol.asyncDispose]() {
      await child[Symbol.asyncDispose]();
      await dir[Symbol.asyncDispose]();
    },
  };
}

/** Pushes with skopeo, which converts to the format asked for; all platforms of an index. */
export async function pushImage(
  registry: RealRegistry,
  image: TestImage,
  name: string,
  options: { readonly format?: "oci" | "v2s2" } = {},
): Promise<string> {
  await using dir = await tempDir("dray-push-");
  await writeImageLayout(dir.path, image, "pushed");
  const credentials = registry.user === undefined
    ? []
    : [`--dest-creds=${registry.user.name}:${registry.user.password}`];
  await mustRun("skopeo", [
    ...[
      "--insecure-policy",
      "copy",
      "--quiet",
      "--all",
      "--format",
      options.format ?? "oci",
    ],
    ...["--dest-tls-verify=false", ...credentials],
    ...[`oci:${dir.path}:pushed`, `docker://${registry.host}/${name}`],
  ]);
  return `${registry.host}/${name}`;
}

/** Pushes the very bytes over the registry's API: every digest stays as it was built. */
export async function putImage(
  registry: RealRegistry,
  image: TestImage,
  repository: string,
  tag: string,
): Promise<string> {
  for (const blob of image.blobs) await putBlob(registry, repository, blob);
  // Children stand after their index, and a registry wants them first.
  for (const document of image.documents.toReversed()) {
    const reference = document === image.root
      ? tag
      : document.descriptor.digest;
    const response = await fetch(
      `${registry.url}/v2/${repository}/manifests/${reference}`,
      {
        method: "PUT",
        headers: {
          ...authorization(registry),
          "Content-Type": document.descriptor.mediaType,
        },
        body: document.bytes,
      },
    );
    await expectStatus(response, 201);
  }
  return `${registry.host}/${repository}:${tag}`;
}

async function putBlob(
  registry: RealRegistry,
  repository: string,
  blob: TestBlob,
): Promise<void> {
  const begun = await fetch(`${registry.url}/v2/${repository}/blobs/uploads/`, {
    method: "POST",
    headers: authorization(registry),
  });
  await expectStatus(begun, 202);
  const location = new URL(begun.headers.get("location") ?? "", registry.url);
  location.searchParams.set("digest", blob.descriptor.digest);
  const response = await fetch(location, {
    method: "PUT",
    headers: {
      ...authorization(registry),
      "Content-Type": "application/octet-stream",
    },
    body: blob.bytes,
  });
  await expectStatus(response, 201);
}

async function expectStatus(response: Response, status: number): Promise<void> {
  const text = await response.text();
  if (response.status !== status) {
    throw new Error(`registry answered ${response.status}: ${text}`);
  }
}

function authorization(registry: RealRegistry): Record<string, string> {
  if (registry.user === undefined) return {};
  return {
    Authorization: `Basic ${
      btoa(`${registry.user.name}:${registry.user.password}`)
    }`,
  };
}

async function start(
  dir: string,
  options: RealRegistryOptions,
  port: number,
): Promise<RunningCommand> {
  if (options.user !== undefined) {
    await Deno.writeTextFile(
      `${dir}/htpasswd`,
      await htpasswdLine(options.user),
    );
  }
  await Deno.mkdir(`${dir}/data`, { recursive: true });
  await Deno.writeTextFile(`${dir}/config.yml`, configText(dir, options, port));
  return spawnCommand("docker-registry", ["serve", `${dir}/config.yml`], {
    env: { OTEL_TRACES_EXPORTER: "none" },
  });
}

/** docker-registry logs its address once its socket takes connections: no need to poll. */
async function listeningPort(child: RunningCommand): Promise<number> {
  const match = await child.stderrMatches(/listening on [^"]*:(\d+)/);
  return Number(match[1]);
}
