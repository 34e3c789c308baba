import type { PlainHttp, TlsOptions } from "../http/http_request.ts";

/** What a host may be asked for: content by digest, or what a tag points to. */
export type Capability = "pull" | "resolve";

/** One place that serves a registry's content: the registry itself or a mirror of it. */
export interface Endpoint {
  /** Name that credentials are looked up by: `docker.io`, `mirror.example:5000`. */
  readonly name: string;
  /** Base of the distribution API with a slash at its end: `https://registry-1.docker.io/v2/`. */
  readonly base: URL;
  /** Whether it stands in for the registry; then it never gets the registry's credentials. */
  readonly isMirror: boolean;
  /** What it may be asked for. */
  readonly capabilities: ReadonlySet<Capability>;
  /** Sent to this host only. */
  readonly headers: Readonly<Record<string, string>>;
  /** Its own trust roots and client certificate. */
  readonly tls?: TlsOptions;
  /** Default: what the transport does by itself, plain HTTP on loopback where nothing speaks TLS. */
  readonly allowPlainHttp?: PlainHttp;
  /** Longest wait for a connection to it, in ms. Default: the transport's. */
  readonly connectTimeoutMs?: number;
  /** Registry that a mirror of another name is asked for, as the `ns` query (distribution-spec). */
  readonly namespace?: string;
  /** The file or folder of the configuration that names it or how to reach it. */
  readonly origin?: string;
}

const ALL_CAPABILITIES: ReadonlySet<Capability> = new Set(["pull", "resolve"]);

/** Host that serves a registry's API: Docker Hub's has another name than its references. */
export function apiHost(registry: string): string {
  return registry === "docker.io" || registry === "index.docker.io"
    ? "registry-1.docker.io"
    : registry;
}

/** Name by which credentials of an API host are stored; the inverse of {@linkcode apiHost}. */
export function credentialName(host: string): string {
  return host === "registry-1.docker.io" || host === "index.docker.io"
    ? "docker.io"
    : host;
}

/**
 * The registry itself.
 *
 * @param registry Host with optional port, as in a reference.
 */
export function originEndpoint(registry: string): Endpoint {
  return {
    name: registry,
    base: new URL(`https://${apiHost(registry)}/v2/`),
    isMirror: false,
    capabilities: ALL_CAPABILITIES,
    headers: {},
  };
}

/**
 * A URL of the distribution API.
 *
 * @param path Checked path below the base, without a leading slash: `library/alpine/tags/list`.
 * @param query Parameters besides `ns`.
 */
export function endpointUrl(
  endpoint: Endpoint,
  path: string,
  query: Readonly<Record<string, string>> = {},
): URL {
  const url = new URL(path, endpoint.base);
  for (const [key, value] of Object.entries(query)) {
    url.searchParams.set(key, value);
  }
  if (endpoint.namespace !== undefined) {
    url.searchParams.set("ns", endpoint.namespace);
  }
  return url;
}
