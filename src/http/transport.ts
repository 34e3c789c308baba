import { UnavailableError } from "../errors.ts";
import { composeMiddlewares } from "./compose_middlewares.ts";
import { canConnect } from "./connect_check.ts";
import { discardBody } from "./discard_body.ts";
import { effectiveTls } from "./effective_tls.ts";
import { HttpClients } from "./http_clients.ts";
import type {
  HttpRequest,
  HttpResponse,
  TlsOptions,
  Transport,
} from "./http_request.ts";
import { withIdentity } from "./identity.ts";
import { withLog } from "./log.ts";
import {
  findFailureKind,
  proxyLoginError,
  toNetworkError,
} from "./network_error.ts";
import { withPlainHttp } from "./plain_http.ts";
import { chooseProxy, type ProxyChoice } from "./proxy.ts";
import { withRedirects } from "./redirect.ts";
import { withRetries } from "./retry.ts";
import { withTimeouts } from "./timeout.ts";
import type { TransportOptions } from "./transport_options.ts";

export type * from "./http_request.ts";
export type * from "./transport_options.ts";

/** A transport that owns connections. */
export interface OwnedTransport extends Transport, Disposable {
  /** Drops idle connections, so that nothing holds the process; no request may follow. */
  close(): void;
}

/**
 * Builds the network stack, outermost first: redirect, retry, plain HTTP,
 * timeout, identity, log, and below them the only `fetch` of the program. It
 * speaks HTTP/1.1, so that every request under way has a TCP connection of its
 * own. Nothing is opened before the first request.
 */
export function createTransport(
  options: TransportOptions = {},
): OwnedTransport {
  const exchange = new Exchange(options);
  const transport = composeMiddlewares([
    withRedirects(options),
    withRetries(options),
    withPlainHttp(options),
    withTimeouts(
      options,
      (request, signal) => canConnect(request.url, options.proxy, signal),
    ),
    withIdentity(),
    withLog(options),
  ], (request) => exchange.send(request));
  return Object.assign((request: HttpRequest) => transport(request), {
    close: () => exchange.close(),
    [Symbol.dispose]: () => exchange.close(),
  });
}

/** How one exchange is made. */
export interface Route {
  readonly headers: Readonly<Record<string, string>>;
  readonly tls: TlsOptions;
  readonly proxy: ProxyChoice | undefined;
  /** Whether the certificate is known to be one of our own roots itself, which `fetch` refuses. */
  readonly isSelfSigned: boolean;
}

/** The bottom of the stack: one request to one server. */
class Exchange {
  readonly #options: TransportOptions;
  readonly #clients = new HttpClients();
  readonly #selfSigned = new Set<string>();

  constructor(options: TransportOptions) {
    this.#options = options;
  }

  async send(request: HttpRequest): Promise<HttpResponse> {
    const { url, signal } = request;
    const route = this.#route(request);
    const send = url.protocol === "https:" && isBeyondFetch(route)
      ? sendByNode
      : sendByFetch(this.#clients.get(route));
    try {
      const response = await send(request, route);
      return await refuseProxyLogin(response, url, route.proxy);
    } catch (error) {
      if (signal?.aborted) throw signal.reason;
      const failure = toNetworkError(error, url, route.proxy?.url);
      if (!(failure instanceof UnavailableError)) throw failure;
      if (findFailureKind(failure) !== "certificate") throw failure;
      return await this.#recover(request, route, failure);
    }
  }

  close(): void {
    this.#clients.close();
  }

  #route(request: HttpRequest): Route {
    const { url, headers = {} } = request;
    const { userAgent = "dray" } = this.#options;
    return {
      headers: hasUserAgent(headers)
        ? headers
        : { ...headers, "user-agent": userAgent },
      tls: effectiveTls(request, this.#options),
      proxy: chooseProxy(url, this.#options.proxy),
      isSelfSigned: this.#selfSigned.has(url.host),
    };
  }

  /** A server that shows one of our roots is as good as one that shows a certificate by it. */
  async #recover(
    request: HttpRequest,
    route: Route,
    failure: UnavailableError,
  ): Promise<HttpResponse> {
    const { certificateError, explainCertificate, isSelfSigned } = await import(
      "./certificate_error.ts"
    );
    const { url } = request;
    const hasRoots = (route.tls.caCerts ?? []).length > 0;
    if (hasRoots && !route.isSelfSigned && isSelfSigned(failure)) {
      try {
        const again = { ...route, isSelfSigned: true };
        const response = await sendByNode(request, again);
        this.#selfSigned.add(url.host);
        return response;
      } catch (error) {
        if (findFailureKind(error) !== "certificate") throw error;
      }
    }
    // Through a proxy the certificate can't be looked at; the bare failure must do.
    throw route.proxy === undefined
      ? await explainCertificate(failure, url, request.signal)
      : certificateError(url, failure);
  }
}

function hasUserAgent(headers: Readonly<Record<string, string>>): boolean {
  return Object.keys(headers).some((name) =>
    name.toLowerCase() === "user-agent"
  );
}

/** A 407 to a request that is not tunnelled is the proxy's own, not the registry's. */
async function refuseProxyLogin(
  response: HttpResponse,
  url: URL,
  proxy: ProxyChoice | undefined,
): Promise<HttpResponse> {
  if (
    response.status !== 407 || proxy === undefined || url.protocol !== "http:"
  ) return response;
  await discardBody(response);
  throw proxyLoginError(url, proxy.url);
}

/**
 * What `fetch` has no option for, or does badly: Deno 2.9 sends the user name
 * and password of a proxy also to the server at the other end of the tunnel.
 */
function isBeyondFetch({ tls, proxy, isSelfSigned }: Route): boolean {
  const leaks = proxy?.username !== undefined && proxy.url.startsWith("http:");
  return leaks || isSelfSigned || tls.insecure === true;
}

function sendByFetch(
  client: Deno.HttpClient,
): (request: HttpRequest, route: Route) => Promise<HttpResponse> {
  return ({ url, method = "GET", body = null, signal = null }, { headers }) =>
    fetch(url, { client, method, headers, body, signal, redirect: "manual" });
}

/** Loaded when needed: it takes some 40 ms, and hardly anyone needs it. */
async function sendByNode(
  request: HttpRequest,
  route: Route,
): Promise<HttpResponse> {
  const { exchangeByNode } = await import("./node_exchange.ts");
  return await exchangeByNode(request, route);
}
