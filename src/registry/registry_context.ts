import type {
  HttpRequest,
  HttpResponse,
  RetryNotice,
  Transport,
} from "../http/http_request.ts";
import { type Endpoint, endpointUrl } from "./endpoint.ts";
import type { Subject } from "./registry_error.ts";
import { type Repository, repositoryText } from "./repository_name.ts";
import type { SourceHealth } from "./source_health.ts";
import type { Turn } from "./try_sources.ts";

/** What the functions of this folder share: whom to ask, and how. */
export interface RegistryContext {
  /** Adds credentials to requests that have a scope. */
  readonly send: Transport;
  /** Who serves a registry's content, in the order to ask; the registry itself is last. */
  readonly endpointsOf: (registry: string) => Promise<readonly Endpoint[]>;
  readonly health: SourceHealth;
  readonly maxDocumentBytes: number;
  /** Longest silence in the body of a document, in ms. */
  readonly idleTimeoutMs: number;
  /** Told what a person should know; says the same text once. */
  readonly warn: (message: string) => void;
  /** Sees each answer's headers: warnings and rate limits. */
  readonly observe: (response: HttpResponse, endpoint: Endpoint) => void;
  /** Where the credentials for a repository came from, once they were looked up. */
  readonly credentialOrigin: (
    name: string,
    repository: string,
  ) => string | undefined;
}

/** Settings that every call shares. */
export interface CallOptions {
  /** Ends the call; what it was aborted with is thrown. */
  readonly signal?: AbortSignal | undefined;
  /** Told of each wait before another attempt. */
  readonly onRetry?: ((notice: RetryNotice) => void) | undefined;
}

/** One request to one endpoint, below a repository. */
export interface EndpointRequest extends CallOptions {
  /** Default `GET`. */
  readonly method?: "GET" | "HEAD";
  /** Below the repository: `manifests/latest`. Checked: goes into the URL as it is. */
  readonly path: string;
  readonly query?: Readonly<Record<string, string>>;
  readonly headers?: Readonly<Record<string, string>>;
  /** Size of the whole document or blob, where it is known. */
  readonly expectedBytes?: number | undefined;
}

/** Sends one request to one endpoint, whatever its answer's status. */
export async function askEndpoint(
  context: RegistryContext,
  { endpoint, hasNext }: Turn,
  repository: Repository,
  request: EndpointRequest,
): Promise<HttpResponse> {
  const {
    method = "GET",
    path,
    query,
    headers,
    expectedBytes,
    signal,
    onRetry,
  } = request;
  const { tls, allowPlainHttp, connectTimeoutMs } = endpoint;
  const sent: HttpRequest = {
    url: endpointUrl(endpoint, `${repository.repository}/${path}`, query),
    method,
    headers: { ...endpoint.headers, ...headers },
    scope: { registry: endpoint.name, repository: repository.repository },
    ...(tls === undefined ? {} : { tls }),
    ...(allowPlainHttp === undefined ? {} : { allowPlainHttp }),
    ...(connectTimeoutMs === undefined ? {} : { connectTimeoutMs }),
    ...(expectedBytes === undefined ? {} : { expectedBytes }),
    ...(signal === undefined ? {} : { signal }),
    ...(onRetry === undefined ? {} : { onRetry }),
    // Another host is there to ask, so this one gets no patience.
    ...(hasNext ? { maxAttempts: 1 } : {}),
  };
  const response = await context.send(sent);
  context.observe(response, endpoint);
  return response;
}

/** The subject of a failure at one endpoint. */
export function subjectOf(
  context: RegistryContext,
  endpoint: Endpoint,
  repository: Repository,
  { action, what = repositoryText(repository) }: {
    readonly action: string;
    /** Default: the repository. */
    readonly what?: string;
  },
): Subject {
  return {
    action,
    what,
    host: endpoint.base.host,
    registry: endpoint.name,
    credentialsFrom: context.credentialOrigin(
      endpoint.name,
      repository.repository,
    ),
  };
}
