import { findFileText } from "../io/find_file_text.ts";
import type { AuthConfigSourceOptions } from "./auth_config_source.ts";
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
  const { explicit } = options;
  const texts = await gatherTexts(options);
  return [
    ...(explicit === undefined
      ? []
      : [explicitSource(explicit.registry, explicit.credential)]),
    ...(texts.length === 0 ? [] : await parseTexts(texts, options)),
  ];
}

/** The text of a credentials file, and what it is called in errors. */
interface AuthText {
  readonly text: string;
  readonly where: string;
}

/** @throws LocalError permission-denied, io */
async function gatherTexts(
  options: CredentialOptions,
): Promise<readonly AuthText[]> {
  const { dockerAuthConfig = "" } = options;
  const texts = dockerAuthConfig.trim() === ""
    ? []
    : [{ text: dockerAuthConfig, where: "DOCKER_AUTH_CONFIG" }];
  const files = [
    options.registryAuthFile,
    ...(options.containersAuthFiles ?? []),
    options.dockerConfigFile,
  ];
  for (const where of files) {
    if (where === undefined || where === "") continue;
    const text = await findFileText(where);
    if (text !== undefined) texts.push({ text, where });
  }
  return texts;
}

/**
 * Loads what parses them: many machines have none.
 *
 * @throws UsageError config-invalid
 */
async function parseTexts(
  texts: readonly AuthText[],
  options: CredentialOptions,
): Promise<readonly CredentialSource[]> {
  const [{ parseAuthConfig }, { authConfigSource }] = await Promise.all([
    import("./auth_config.ts"),
    import("./auth_config_source.ts"),
  ]);
  return texts
    .map(({ text, where }) => parseAuthConfig(text, where))
    .map((config) => authConfigSource(config, options));
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
