import { discardBody } from "./discard_body.ts";
import { classifyHost } from "./host_address.ts";
import type {
  HttpRequest,
  HttpResponse,
  Middleware,
  Transport,
} from "./http_request.ts";
import { isNamed } from "./named_host.ts";
import { probeTls, type Spoken } from "./tls_probe.ts";
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
 * user named, and as a fall-back for loopback ports that don't speak TLS. What
 * a port speaks is asked once; concurrent requests share the answer, and a
 * request that gives nothing away is sent in plain meanwhile, so that asking
 * takes no round trip of its own. A bad certificate is no reason: the port
 * speaks TLS then.
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
    if (classifyHost(url.hostname) !== "loopback") return await next(request);
    if (!origins.isKnown(url) && isHarmless(request)) {
      return await sendWhileAsking(request, next, origins);
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
  const url = new URL(request.url.href.replace(/^https/, "http"));
  url.port = request.url.port || HTTPS_PORT;
  return { ...request, url };
}

/** Nothing that the early request is answered counts unless the port turns out to speak plain HTTP. */
async function sendWhileAsking(
  request: HttpRequest,
  next: Transport,
  origins: SpokenOrigins,
): Promise<HttpResponse> {
  const early = new AbortController();
  const signal = request.signal === undefined
    ? early.signal
    : AbortSignal.any([request.signal, early.signal]);
  const answer = next({ ...toPlain(request), signal });
  // Awaited below; until then its failure must not count as nobody's.
  answer.catch(() => {});
  try {
    const spoken = await withSignal(origins.ask(request.url), request.signal);
    if (spoken === "plain") return await answer;
  } catch (error) {
    forget(answer, early);
    throw error;
  }
  forget(answer, early);
  return await next(request);
}

function forget(answer: Promise<HttpResponse>, early: AbortController): void {
  answer.then(discardBody).catch(() => {});
  early.abort();
}

/** What each loopback origin speaks, for the life of a transport. */
class SpokenOrigins {
  readonly #answers = new Map<string, Promise<Spoken>>();
  readonly #settled = new Set<string>();
  readonly #onNotice: (message: string) => void;

  constructor(onNotice: (message: string) => void = () => {}) {
    this.#onNotice = onNotice;
  }

  /** Whether the port has answered already. */
  isKnown(url: URL): boolean {
    return this.#settled.has(url.host);
  }

  ask(url: URL): Promise<Spoken> {
    const known = this.#answers.get(url.host);
    if (known !== undefined) return known;
    const answer = this.#probe(url);
    this.#answers.set(url.host, answer);
    return answer;
  }

  async #probe(url: URL): Promise<Spoken> {
    const spoken = await probeTls(url.hostname, Number(url.port || HTTPS_PORT));
    if (spoken === "nothing") this.#answers.delete(url.host); // it may come up
    else this.#settled.add(url.host);
    if (spoken === "plain") {
      this.#onNotice(
        `"${url.host}" does not speak TLS: using plain HTTP, as it is on this machine`,
      );
    }
    return spoken;
  }
}
