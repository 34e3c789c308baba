import type { UnavailableError } from "../errors.ts";
import { composeMiddlewares } from "./compose_middlewares.ts";
import {
  certificateError,
  explainCertificate,
  isSelfSigned,
} from "./certificate_error.ts";
import { canConnect } from "./connect_check.ts";
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
import { findFailureKind, toNetworkError } from "./network_error.ts";
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
 * timeout, identity, log, and below them the only `fetch` of the program, in HTTP/1.1, so
 * that every request under way has a TCP connection of its own. Nothing is
 * opened before the first request.
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
  readonly headers: Headers;
  readonly tls: TlsOptions;
  readonly proxy: ProxyChoice | undefined;
}

/** The bottom of the stack: one request to one server. */
class Exchange {
  readonly #options: TransportOptions;
  readonly #clients = new HttpClients();
  /** Hosts whose certificate is itself one of the trust roots, which `fetch` refuses. */
  readonly #selfSigned = new Set<string>();

  constructor(options: TransportOptions) {
    this.#options = options;
  }

  async send(request: HttpRequest): Promise<HttpResponse> {
    const { url } = request;
    const route: Route = {
      headers: this.#headers(request),
      tls: effectiveTls(request, this.#options),
      proxy: chooseProxy(url, this.#options.proxy),
    };
    if (url.protocol === "https:" && this.#isBeyondFetch(url, route)) {
      return await sendByNode(request, route);
    }
    try {
      return await this.#fetch(request, route);
    } catch (error) {
      if (request.signal?.aborted) throw request.signal.reason;
      return await this.#recover(request, route, toNetworkError(error, url));
    }
  }

  close(): void {
    this.#clients.close();
  }

  /**
   * What `fetch` can't do, or does badly: Deno 2.9 sends a proxy's user name
   * and password to the server at the other end of the tunnel as well.
   */
  #isBeyondFetch(url: URL, { tls, proxy }: Route): boolean {
    return tls.insecure === true || this.#selfSigned.has(url.host) ||
      proxy?.username !== undefined;
  }

  #fetch(request: HttpRequest, route: Route): Promise<HttpResponse> {
    return fetch(request.url, {
      client: this.#clients.get(route),
      method: request.method ?? "GET",
      headers: route.headers,
      body: request.body ?? null,
      redirect: "manual",
      signal: request.signal ?? null,
    });
  }

  /** A server that shows one of our trust roots is as good as one that shows a certificate by it. */
  async #recover(
    request: HttpRequest,
    route: Route,
    failure: UnavailableError,
  ): Promise<HttpResponse> {
    const { url } = request;
    const hasRoots = (route.tls.caCerts ?? []).length > 0;
    if (findFailureKind(failure) !== "certificate") throw failure;
    if (!hasRoots || !isSelfSigned(failure)) {
      throw await explain(failure, request, route);
    }
    try {
      const response = await sendByNode(request, route);
      this.#selfSigned.add(url.host);
      return response;
    } catch (error) {
      throw findFailureKind(error) === "certificate"
        ? await explain(failure, request, route)
        : error;
    }
  }

  #headers({ headers }: HttpRequest): Headers {
    const all = new Headers(headers);
    if (!all.has("user-agent")) {
      all.set("user-agent", this.#options.userAgent ?? "dray");
    }
    return all;
  }
}

/** Through a proxy the certificate can't be looked at, and the bare failure must do. */
async function explain(
  failure: UnavailableError,
  { url, signal }: HttpRequest,
  { proxy }: Route,
): Promise<UnavailableError> {
  return proxy === undefined
    ? await explainCertificate(failure, url, signal)
    : certificateError(url, failure);
}

/** Loaded when needed: it takes some 40 ms, and hardly anyone needs it. */
async function sendByNode(
  request: HttpRequest,
  route: Route,
): Promise<HttpResponse> {
  const { exchangeByNode } = await import("./node_exchange.ts");
  return await exchangeByNode(request, route);
}
