import { LocalError } from "../errors.ts";
import { localCall } from "../io/local_error.ts";
import { type AuthConfig, parseAuthConfig } from "./auth_config.ts";
import {
  authConfigSource,
  type AuthConfigSourceOptions,
} from "./auth_config_source.ts";
import { normalizeHost } from "./auth_key.ts";
import type { Credential, CredentialSource } from "./credential.ts";

/** Where credentials may come from; what is left out isn't looked at. */
export interface CredentialOptions extends AuthConfigSourceOptions {
  /** Given by flags, for one registry. */
  readonly explicit?: {
    readonly registry: string;
    readonly credential: Credential;
  } | undefined;
  /** Text of `DOCKER_AUTH_CONFIG`. */
  readonly dockerAuthConfig?: string | undefined;
  /** Path in `REGISTRY_AUTH_FILE`. */
  readonly registryAuthFile?: string | undefined;
  /** Paths of containers' `auth.json`, in the order to look. */
  readonly containersAuthFiles?: readonly string[] | undefined;
  /** Path of docker's `config.json`. */
  readonly dockerConfigFile?: string | undefined;
  /** Told of each lookup: what was found where, for `--log-level debug`. */
  readonly onLookup?: ((lookup: CredentialLookup) => void) | undefined;
}

/** What a lookup came to; no secret is in it. */
export interface CredentialLookup {
  /** Host as references name it. */
  readonly registry: string;
  /** Path within the registry. */
  readonly repository: string;
  /** Undefined: anonymous. */
  readonly origin: string | undefined;
}

/** A credentials file has a few entries; one that is larger is something else. */
const MAX_FILE_BYTES = 4 * 1024 * 1024;

/**
 * The credentials of this machine, in their order: flags, `DOCKER_AUTH_CONFIG`,
 * `REGISTRY_AUTH_FILE`, containers' `auth.json`, docker's `config.json`. Files are
 * read at the first lookup, once.
 */
export function createCredentialSource(
  options: CredentialOptions,
): CredentialSource {
  let sources: Promise<readonly CredentialSource[]> | undefined;
  return {
    async find(registry, repository, signal) {
      sources ??= openSources(options);
      const credential = await firstFound(
        await sources,
        registry,
        repository,
        signal,
      );
      options.onLookup?.({ registry, repository, origin: credential?.origin });
      return credential;
    },
  };
}

async function firstFound(
  sources: readonly CredentialSource[],
  registry: string,
  repository: string,
  signal?: AbortSignal,
): Promise<Credential | undefined> {
  for (const source of sources) {
    const credential = await source.find(registry, repository, signal);
    if (credential !== undefined) return credential;
  }
  return undefined;
}

async function openSources(
  options: CredentialOptions,
): Promise<readonly CredentialSource[]> {
  const { dockerAuthConfig, explicit } = options;
  const configs: (AuthConfig | undefined)[] = [];
  if (dockerAuthConfig !== undefined && dockerAuthConfig.trim() !== "") {
    configs.push(parseAuthConfig(dockerAuthConfig, "DOCKER_AUTH_CONFIG"));
  }
  const files = [
    options.registryAuthFile,
    ...(options.containersAuthFiles ?? []),
    options.dockerConfigFile,
  ];
  for (const path of files) {
    if (path !== undefined && path !== "") {
      configs.push(await loadAuthConfig(path));
    }
  }
  const found = configs.filter((config) => config !== undefined);
  return [
    ...(explicit === undefined
      ? []
      : [explicitSource(explicit.registry, explicit.credential)]),
    ...found.map((config) => authConfigSource(config, options)),
  ];
}

/** A credential for one registry and no other. */
export function explicitSource(
  registry: string,
  credential: Credential,
): CredentialSource {
  return {
    find: (asked) =>
      Promise.resolve(
        normalizeHost(asked) === normalizeHost(registry)
          ? credential
          : undefined,
      ),
  };
}

/**
 * Reads a credentials file; undefined where there is none.
 *
 * @throws UsageError config-invalid
 * @throws LocalError permission-denied, io
 */
async function loadAuthConfig(
  path: string,
): Promise<AuthConfig | undefined> {
  const text = await findFileText(path);
  return text === undefined ? undefined : parseAuthConfig(text, path);
}

/** The text of a small file; undefined where there is none. */
export function findFileText(path: string): Promise<string | undefined> {
  return localCall("read", path, async () => {
    try {
      const { size } = await Deno.stat(path);
      if (size > MAX_FILE_BYTES) {
        throw new LocalError(
          "io",
          `Cannot read "${path}": ${size} bytes are too many for it`,
        );
      }
      return await Deno.readTextFile(path);
    } catch (error) {
      if (error instanceof Deno.errors.NotFound) return undefined;
      throw error;
    }
  });
}
