import type { Transport } from "../http/http_request.ts";
import { createTransport } from "../http/transport.ts";
import { MAX_DOCUMENT_BYTES } from "../spec/max_document_bytes.ts";
import { Authenticator } from "./authenticator.ts";
import { type CredentialSource, NO_CREDENTIALS } from "./credential.ts";
import { type Endpoint, originEndpoint } from "./endpoint.ts";
import type { RealmOptions } from "./realm.ts";
import type { RegistryContext } from "./registry_context.ts";
import { type ObserverOptions, ResponseObserver } from "./response_observer.ts";
import { SourceHealth } from "./source_health.ts";

/** Settings of a `RegistryClient`; all have defaults. */
export interface RegistryClientOptions extends ObserverOptions, RealmOptions {
  /**
   * How requests are sent; the caller closes it. Default: a stack of redirects,
   * retries and timeouts over `fetch` that the client owns.
   */
  readonly transport?: Transport | undefined;
  /** Default: anonymous. */
  readonly credentials?: CredentialSource | undefined;
  /** Who serves a registry, in the order to ask, itself last. Default: the registry alone. */
  readonly endpointsOf?:
    | ((registry: string) => Promise<readonly Endpoint[]>)
    | undefined;
  /** Largest manifest, index or config, in bytes. Default 4 MiB. */
  readonly maxDocumentBytes?: number | undefined;
  /** Longest silence in the body of a document or of a token, in ms. Default 30,000. */
  readonly idleTimeoutMs?: number | undefined;
  /**
   * How long a mirror that failed is passed over, in ms; doubled with each
   * failure in a row. Default 30,000.
   */
  readonly mirrorCooldownMs?: number | undefined;
  /** Wall clock in ms. Default `Date.now`. */
  readonly now?: (() => number) | undefined;
}

/** What a client is made of. */
export interface ClientParts {
  readonly context: RegistryContext;
  readonly observer: ResponseObserver;
  /** Without authentication. */
  readonly transport: Transport;
  /** Closes what the client opened itself. */
  readonly close: () => void;
}

const DEFAULT_IDLE_TIMEOUT_MS = 30_000;
const DEFAULT_MIRROR_COOLDOWN_MS = 30_000;

/** Puts a client's parts together. Nothing is opened before the first request. */
export function createClientParts(options: RegistryClientOptions): ClientParts {
  const {
    allowPrivateRealms = false,
    credentials = NO_CREDENTIALS,
    idleTimeoutMs = DEFAULT_IDLE_TIMEOUT_MS,
    now = Date.now,
  } = options;
  const own = createTransport();
  const { transport = own } = options;
  const observer = new ResponseObserver(options);
  const authenticator = new Authenticator({
    allowPrivateRealms,
    credentials,
    idleTimeoutMs,
    now,
  });
  const cooldownMs = options.mirrorCooldownMs ?? DEFAULT_MIRROR_COOLDOWN_MS;
  const context: RegistryContext = {
    send: authenticator.wrap(transport),
    endpointsOf: options.endpointsOf ??
      ((registry) => Promise.resolve([originEndpoint(registry)])),
    health: new SourceHealth(cooldownMs, now),
    maxDocumentBytes: options.maxDocumentBytes ?? MAX_DOCUMENT_BYTES,
    idleTimeoutMs,
    warn: (message) => observer.warn(message),
    observe: (response, endpoint) => observer.observe(response, endpoint),
    credentialOrigin: (name, repository) =>
      authenticator.credentialOrigin(name, repository),
  };
  return { context, observer, transport, close: () => own.close() };
}
