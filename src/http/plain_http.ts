import { classifyHost } from "./host_address.ts";
import type { HttpRequest, Middleware } from "./http_request.ts";
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

/**
 * Turns `https:` into `http:` where that is allowed: always for hosts that the
 * user named, and as a fall-back for loopback ports that don't speak TLS. What
 * a port speaks is asked once; concurrent requests share the answer. A bad
 * certificate is no reason: the port speaks TLS then.
 */
export function withPlainHttp(options: PlainHttpOptions = {}): Middleware {
  const origins = new SpokenOrigins(options.onNotice);
  return (next) => async (request) => {
    const url = await choosePlain(request, options, origins);
    return await next(url === undefined ? request : { ...request, url });
  };
}

async function choosePlain(
  request: HttpRequest,
  options: PlainHttpOptions,
  origins: SpokenOrigins,
): Promise<URL | undefined> {
  const { url, allowPlainHttp = "fallback" } = request;
  if (url.protocol !== "https:" || allowPlainHttp === "never") return undefined;
  if (allowPlainHttp === "always" || isNamed(url, options.plainHttpHosts)) {
    return new URL(url.href.replace(/^https/, "http"));
  }
  if (classifyHost(url.hostname) !== "loopback") return undefined;
  const spoken = await withSignal(origins.ask(url), request.signal);
  if (spoken !== "plain") return undefined;
  const plain = new URL(url.href.replace(/^https/, "http"));
  plain.port = url.port || HTTPS_PORT; // the port that was asked, not 80
  return plain;
}

/** What each loopback origin speaks, for the life of a transport. */
class SpokenOrigins {
  readonly #answers = new Map<string, Promise<Spoken>>();
  readonly #onNotice: (message: string) => void;

  constructor(onNotice: (message: string) => void = () => {}) {
    this.#onNotice = onNotice;
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
    if (spoken === "plain") {
      this.#onNotice(
        `"${url.host}" does not speak TLS: using plain HTTP, as it is on this machine`,
      );
    }
    return spoken;
  }
}
