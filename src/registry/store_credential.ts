import { findFileText } from "../io/find_file_text.ts";
import { type AuthConfig, parseAuthConfig } from "./auth_config.ts";
import { helpersFor } from "./auth_config_source.ts";
import { findKeyTarget, normalizeHost } from "./auth_key.ts";
import { callHelper, type CallHelperOptions } from "./call_helper.ts";
import { changeAuthFile } from "./auth_file.ts";
import type { Credential } from "./credential.ts";
import { serverUrl } from "./credential_helper.ts";

/** Where credentials are kept. */
export interface CredentialStoreOptions extends CallHelperOptions {
  /** Docker's `config.json` or containers' `auth.json`; made where it isn't there. */
  readonly file: string;
  /** How the file names Docker Hub, and whether it lists what helpers keep. Default `docker`. */
  readonly format?: "docker" | "containers" | undefined;
}

/** Where a credential went. */
export interface SavedCredential {
  /** `file` keeps it readable for whoever may read the file. */
  readonly kind: "helper" | "file";
  /** The helper's program or the file's path. */
  readonly where: string;
}

/** What a login keeps. */
export type StoredCredential = Exclude<Credential, { readonly kind: "bearer" }>;

/**
 * Keeps a credential for later: with the helper that the file names for the
 * registry, else in the file itself, whose other content stays as it is.
 *
 * @throws LocalError helper-failed, permission-denied
 * @throws UsageError config-invalid
 */
export async function saveCredential(
  registry: string,
  credential: StoredCredential,
  options: CredentialStoreOptions,
): Promise<SavedCredential> {
  const config = await loadConfig(options.file);
  const helper = findHelper(config, registry);
  const isDocker = options.format !== "containers";
  const key = isDocker ? serverUrl(registry) : normalizeHost(registry);
  if (helper === undefined) {
    await changeAuthFile(options.file, registry, {
      [key]: toEntry(credential),
    });
    return { kind: "file", where: options.file };
  }
  const [Username, Secret] = credential.kind === "basic"
    ? [credential.username, credential.password]
    : ["<token>", credential.token];
  const input = JSON.stringify({
    ServerURL: serverUrl(registry),
    Username,
    Secret,
  });
  await callHelper({ helper, registry, action: "store", input }, options);
  // Docker lists there what its helper keeps; and a secret of before must not stay beside it.
  await changeAuthFile(options.file, registry, isDocker ? { [key]: {} } : {});
  return { kind: "helper", where: `docker-credential-${helper}` };
}

/**
 * Forgets a registry's credential, in the helper and in the file.
 *
 * @returns Whether there was one.
 * @throws LocalError helper-failed, permission-denied
 * @throws UsageError config-invalid
 */
export async function eraseCredential(
  registry: string,
  options: CredentialStoreOptions,
): Promise<boolean> {
  const config = await loadConfig(options.file);
  const helper = findHelper(config, registry);
  const name = normalizeHost(registry);
  const isListed = [...config.auths.keys()].some((key) =>
    findKeyTarget(key) === name
  );
  const isErased = helper !== undefined &&
    await callHelper({
      helper,
      registry,
      action: "erase",
      input: serverUrl(registry),
    }, options);
  if (isListed) await changeAuthFile(options.file, registry, {});
  return isListed || isErased;
}

async function loadConfig(file: string): Promise<AuthConfig> {
  return parseAuthConfig(await findFileText(file) ?? "", file);
}

function findHelper(config: AuthConfig, registry: string): string | undefined {
  return helpersFor(config, registry, "")[0]?.helper;
}

function toEntry(
  credential: StoredCredential,
): Readonly<Record<string, string>> {
  const encode = (text: string): string =>
    new TextEncoder().encode(text).toBase64();
  if (credential.kind === "basic") {
    return { auth: encode(`${credential.username}:${credential.password}`) };
  }
  const { username, token } = credential;
  return {
    ...(username === undefined ? {} : { auth: encode(`${username}:`) }),
    identitytoken: token,
  };
}
