import { discardBody } from "./discard_body.ts";
import { classifyHost } from "./host_address.ts";
import type {
  HttpRequest,
  HttpResponse,
  Middleware,
  Transport,
} from "./http_request.ts";
import { isNamed } from "./named_host.ts";
import type { Spoken } from "./tls_probe.ts";
import { withSignal } from "./with_signal.ts";

const HTTPS_PORT = "443";

/** Settings of {@linkcode withPlainHttp}. */
export interface PlainHttpOptions {
  /** Hosts (`host` or `host:port`) spoken to in plain HTTP. Default: none. */
  readonly plainHttpHosts?: readonly string[];
  /** Told once for each origin that is spoken to in plain HTTP although nobody said so. */
  readonly onNotice?: (message: string) => void;
}

/** Headers that give nothing away to a port that is not known yet. */
const HARMLESS = new Set([
  "accept",
  "accept-encoding",
  "if-match",
  "if-range",
  "range",
  "user-agent",
]);

/**
 * Turns `https:` into `http:` where that is allowed: always for hosts that the
 * user named, and as a fall-back for loopback ports that don't speak TLS. A
 * first request that gives nothing away is simply sent in plain: an answer as
 * no TLS port gives it says it all, without a round trip or a connection more.
 * Else the port is asked, once; concurrent requests share the answer. A bad
 * certificate is no reason: the port speaks TLS then.
 */
export function withPlainHttp(options: PlainHttpOptions = {}): Middleware {
  const origins = new SpokenOrigins(options.onNotice);
  return (next) => async (request) => {
    const { url, allowPlainHttp = "fallback", signal } = request;
    if (url.protocol !== "https:" || allowPlainHttp === "never") {
      return await next(request);
    }
    if (allowPlainHttp === "always" || isNamed(url, options.plainHttpHosts)) {
      const plain = new URL(url.href.replace(/^https/, "http"));
      return await next({ ...request, url: plain });
    }
    if (origins.isPlain(url)) return await next(toPlain(request));
    if (classifyHost(url.hostname) !== "loopback") return await next(request);
    if (!origins.isAsked(url) && isHarmless(request)) {
      return await sendPlainFirst(request, next, origins);
    }
    const spoken = await withSignal(origins.ask(url), signal);
    return await next(spoken === "plain" ? toPlain(request) : request);
  };
}

function isHarmless({ method = "GET", headers = {} }: HttpRequest): boolean {
  return method !== "POST" &&
    Object.keys(headers).every((name) => HARMLESS.has(name.toLowerCase()));
}

/** The same request to the same port, which need not be 80, in plain HTTP. */
function toPlain(request: HttpRequest): HttpRequest {
  const { href, port } = request.url;
  const url = new URL(href.replace(/^https/, "http"));
  if (port === "") url.port = HTTPS_PORT;
  return { ...request, url };
}

async function sendPlainFirst(
  request: HttpRequest,
  next: Transport,
  origins: SpokenOrigins,
): Promise<HttpResponse> {
  const { url, signal } = request;
  const [tried] = await Promise.allSettled([next(toPlain(request))]);
  signal?.throwIfAborted();
  const answer = tried.status === "fulfilled" ? tried.value : undefined;
  if (answer !== undefined && isNoTlsPort(answer)) {
    origins.learnPlain(url);
    return answer;
  }
  try {
    const spoken = await withSignal(origins.ask(url), signal);
    if (spoken === "plain" && tried.status === "rejected") throw tried.reason;
    if (spoken === "plain" && answer !== undefined) return answer;
  } catch (error) {
    if (answer !== undefined) await discardBody(answer);
    throw error;
  }
  if (answer !== undefined) await discardBody(answer);
  return await next(request);
}

/** Those that speak TLS answer plain HTTP with 400, a redirect, or what is no HTTP at all. */
function isNoTlsPort({ status }: HttpResponse): boolean {
  return status !== 400 && Math.trunc(status / 100) !== 3;
}

/** What each loopback origin speaks, for the life of a transport. */
class SpokenOrigins {
  readonly #answers = new Map<string, Promise<Spoken>>();
  /** Those of which the answer was that they don't. */
  readonly #plain = new Set<string>();
  readonly #onNotice: (message: string) => void;

  constructor(onNotice: (message: string) => void = () => {}) {
    this.#onNotice = onNotice;
  }

  /** Whether the port is known to speak plain HTTP. */
  isPlain(url: URL): boolean {
    return this.#plain.has(url.host);
  }

  /** Whether the port was asked already. */
  isAsked(url: URL): boolean {
    return this.#answers.has(url.host);
  }

  /** A port has answered in plain HTTP. */
  learnPlain(url: URL): void {
    if (this.isAsked(url)) return;
    this.#answers.set(url.host, Promise.resolve("plain"));
    this.#notePlain(url);
  }

  ask(url: URL): Promise<Spoken> {
    const known = this.#answers.get(url.host);
    if (known !== undefined) return known;
    const answer = this.#probe(url);
    this.#answers.set(url.host, answer);
    return answer;
  }

  async #probe(url: URL): Promise<Spoken> {
    const { probeTls } = await import("./tls_probe.ts");
    const spoken = await probeTls(url.hostname, Number(url.port || HTTPS_PORT));
    if (spoken === "nothing") this.#answers.delete(url.host); // it may come up
    if (spoken === "plain") this.#notePlain(url);
    return spoken;
  }

  #notePlain({ host }: URL): void {
    this.#plain.add(host);
    this.#onNotice(
      `"${host}" does not speak TLS: using plain HTTP, as it is on this machine`,
    );
  }
}
