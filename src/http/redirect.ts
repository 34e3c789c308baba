import { OperationError } from "../errors.ts";
import { discardBody } from "./discard_body.ts";
import { classifyHost, type HostKind } from "./host_address.ts";
import type {
  HttpRequest,
  HttpResponse,
  Middleware,
  Transport,
} from "./http_request.ts";
import {
  headersFor,
  isRedirect,
  judgeRedirect,
  leadsInside,
} from "./redirect_policy.ts";

/** Settings of {@linkcode withRedirects}. */
export interface RedirectOptions {
  /** Redirects followed for one request. Default 10. */
  readonly maxRedirects?: number;
  /** Allow redirects from a public to a private, link-local or loopback address. Default false. */
  readonly allowPrivateRedirects?: boolean;
  /** Addresses of a name, asked for only where a redirect leads to a private address. Default: the system's resolver. */
  readonly lookup?: (hostname: string) => Promise<readonly string[]>;
}

/**
 * Follows redirects of GET and HEAD by hand, since `fetch` keeps custom headers
 * across origins: no HTTPS to HTTP, only HTTP schemes, a cap, and nothing
 * that could be a credential (headers, client certificates) past the origin, for good.
 *
 * A redirect must not lead further inside a network than where it started.
 * Targets are judged when they are IP addresses or `localhost`; a target's
 * name isn't looked up, as `fetch` would look it up again and could get
 * another answer. The name that the user gave is looked up then, so that a
 * company's registry may redirect to its own private storage.
 */
export function withRedirects(options: RedirectOptions = {}): Middleware {
  return (next) => (request) =>
    request.method === "POST" ? next(request) : follow(request, next, options);
}

async function follow(
  start: HttpRequest,
  next: Transport,
  options: RedirectOptions,
): Promise<HttpResponse> {
  const { maxRedirects = 10 } = options;
  let request = start;
  for (let count = 0;; count++) {
    const response = await next(request);
    if (!isRedirect(response.status)) return response;
    // Not the request's: a layer below may have changed https to http.
    const from = URL.parse(response.url) ?? request.url;
    const redirect = judgeRedirect(
      from,
      response.status,
      response.headers.get("location"),
    );
    if (redirect.kind === "none") return response;
    await discardBody(response);
    if (redirect.kind === "refuse") throw refused(from, redirect.why);
    if (count === maxRedirects) {
      throw refused(from, `it redirects more than ${maxRedirects} times`);
    }
    if (!await isAllowed(start.url, redirect.url, options)) {
      throw refused(
        from,
        `it redirects to the private address "${redirect.url.host}"`,
      );
    }
    request = redirectRequest(request, from, redirect.url);
  }
}

function redirectRequest(
  request: HttpRequest,
  from: URL,
  url: URL,
): HttpRequest {
  const headers = headersFor(request.headers ?? {}, from, url);
  if (from.origin === url.origin) return { ...request, url, headers };
  const { connectTimeoutMs: _ofFirst, ...rest } = request;
  // Empty TLS options rather than none: the transport's client certificate is for the first host as well.
  return { ...rest, url, headers, tls: {}, allowPlainHttp: "never" };
}

async function isAllowed(
  start: URL,
  target: URL,
  options: RedirectOptions,
): Promise<boolean> {
  if (options.allowPrivateRedirects === true) return true;
  const kind = classifyHost(start.hostname);
  if (!leadsInside(kind, target)) return true;
  if (kind !== "name") return false;
  const addresses = await (options.lookup ?? lookUp)(start.hostname).catch(
    (): readonly string[] => [],
  );
  const kinds = addresses.map((address): HostKind => classifyHost(address));
  return kinds.length > 0 && kinds.every((kind) => !leadsInside(kind, target));
}

/** As `fetch` does it: with `/etc/hosts`. Loaded when needed, which is rare. */
async function lookUp(hostname: string): Promise<readonly string[]> {
  const { lookup } = await import("node:dns/promises");
  const found = await lookup(hostname, { all: true });
  return found.map(({ address }) => address);
}

function refused(from: URL, why: string): OperationError {
  return new OperationError(
    "redirect-refused",
    `Cannot follow "${from.host}": ${why}`,
    {
      details: { host: from.host },
    },
  );
}
