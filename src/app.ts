import { localCall } from "./io/local_error.ts";
import {
  createTransport,
  type OwnedTransport,
  type TransportOptions,
} from "./http/transport.ts";
import type { LogEntry } from "./http/log.ts";
import type { ProxySettings } from "./http/proxy.ts";
import {
  createCredentialSource,
  type CredentialLookup,
  type CredentialOptions,
} from "./registry/credential_sources.ts";
import { apiHost } from "./registry/endpoint.ts";
import { checkRoots } from "./registry/host_certificates.ts";
import { createEndpointSource } from "./registry/hosts_folder.ts";
import type { CredentialSource } from "./registry/credential.ts";
import type { RateLimit } from "./registry/rate_limit.ts";
import { RegistryClient } from "./registry/registry_client.ts";

/** How registries are reached; every field is explicit, nothing is read from the environment. */
export interface NetworkSettings {
  /** Hosts as references name them. */
  readonly plainHttpRegistries: readonly string[];
  readonly insecureRegistries: readonly string[];
  /** PEM files with trust roots besides the built-in ones. */
  readonly caFiles: readonly string[];
  readonly proxy: ProxySettings;
  readonly connectTimeoutMs: number;
  readonly headerTimeoutMs: number;
  /** Longest silence in the body of a document. */
  readonly idleTimeoutMs: number;
  /** Attempts after one that failed. */
  readonly retries: number;
  readonly userAgent: string;
  /** Goes before all that are looked up, for its registry. Default: none. */
  readonly givenCredential?: CredentialOptions["explicit"];
  /** Where credentials are looked up. */
  readonly credentials: CredentialPlaces;
  /** Folders of mirrors in containerd's layout (`hosts.toml`), in the order to look. */
  readonly hostsFolders: readonly string[];
}

/** The files and variables that may hold credentials; what is left out isn't looked at. */
export type CredentialPlaces = Pick<
  CredentialOptions,
  | "dockerAuthConfig"
  | "registryAuthFile"
  | "containersAuthFiles"
  | "dockerConfigFile"
>;

/** Who listens. */
export interface NetworkListeners {
  /** Each exchange, with secrets removed. */
  readonly onLog?: ((entry: LogEntry) => void) | undefined;
  /** Each lookup of credentials, without the secret. */
  readonly onLookup?: ((lookup: CredentialLookup) => void) | undefined;
  /** Each answer that tells what is left of a rate limit. */
  readonly onRateLimit?:
    | ((limit: RateLimit, registry: string) => void)
    | undefined;
  /** What is as it should be, but good to know: plain HTTP on loopback. */
  readonly onNotice: (message: string) => void;
  /** What a person should look after. */
  readonly onWarning: (message: string) => void;
}

/** The network side of dray; disposing closes its connections. */
export interface Network extends Disposable {
  readonly client: RegistryClient;
  readonly transport: OwnedTransport;
  readonly credentials: CredentialSource;
}

/**
 * Builds the client of registries and what is below it.
 *
 * @throws LocalError where a file of trust roots can't be read.
 * @throws UsageError config-invalid where it holds none.
 */
export async function openNetwork(
  settings: NetworkSettings,
  listeners: NetworkListeners,
): Promise<Network> {
  const { onWarning, onLookup, onRateLimit } = listeners;
  const transport = createTransport(
    transportOptions(settings, await readRoots(settings), listeners),
  );
  const credentials = createCredentialSource({
    ...settings.credentials,
    explicit: settings.givenCredential,
    onLookup,
    onWarning,
  });
  const client = new RegistryClient({
    transport,
    credentials,
    endpointsOf: createEndpointSource({
      folders: settings.hostsFolders,
      onWarning,
    }),
    idleTimeoutMs: settings.idleTimeoutMs,
    onRateLimit,
    onWarning,
  });
  const close = (): void => transport.close();
  return { client, transport, credentials, [Symbol.dispose]: close };
}

function transportOptions(
  settings: NetworkSettings,
  caCerts: readonly string[],
  listeners: NetworkListeners,
): TransportOptions {
  const { onLog, onNotice } = listeners;
  return {
    caCerts,
    insecureHosts: settings.insecureRegistries.map(apiHost),
    plainHttpHosts: settings.plainHttpRegistries.map(apiHost),
    proxy: settings.proxy,
    connectTimeoutMs: settings.connectTimeoutMs,
    headerTimeoutMs: settings.headerTimeoutMs,
    retry: { maxAttempts: settings.retries + 1 },
    userAgent: settings.userAgent,
    onNotice,
    ...(onLog === undefined ? {} : { onLog }),
  };
}

function readRoots(settings: NetworkSettings): Promise<readonly string[]> {
  return Promise.all(
    settings.caFiles.map(async (path) =>
      checkRoots(
        await localCall("read", path, () => Deno.readTextFile(path)),
        path,
      )
    ),
  );
}
