import { type Deadline, Deadlines } from "./deadlines.ts";
import type { HttpRequest, Middleware } from "./http_request.ts";
import { networkError } from "./network_error.ts";
import { chooseProxy, type ProxySettings } from "./proxy.ts";

/** Settings of {@linkcode withTimeouts}. */
export interface TimeoutOptions {
  /** Longest wait for a TCP connection, in ms. Default 10,000. */
  readonly connectTimeoutMs?: number;
  /** Longest wait for an answer's headers, connecting included, in ms. Default 30,000. */
  readonly headerTimeoutMs?: number;
  /** What the connection goes through, for messages. Default: nothing. */
  readonly proxy?: ProxySettings;
}

/** Tells whether the server that a request goes to accepts a TCP connection before the signal is aborted. */
export type ConnectCheck = (
  request: HttpRequest,
  signal: AbortSignal,
) => Promise<boolean>;

/** A connect check is given this long, or half the limit where that is less. */
const MAX_CHECK_MS = 2_000;

/**
 * Limits the wait for an answer's headers. `fetch` doesn't tell when it is
 * connected, so where there is no answer shortly before the limit for
 * connecting, a connection is tried on the side: only where that fails too is
 * the server taken to be out of reach. An answer in usual time costs nothing.
 */
export function withTimeouts(
  options: TimeoutOptions,
  canConnect: ConnectCheck,
): Middleware {
  const deadlines = new Deadlines({ holdsProcess: true });
  return (next) => async (request) => {
    using limits = new ExchangeLimits(request, options, canConnect, deadlines);
    return await next({ ...request, signal: limits.signal });
  };
}

/** The time limits of one exchange, until its answer is there. */
class ExchangeLimits implements Disposable {
  /** The caller's signal and the limits in one. */
  readonly signal: AbortSignal;
  readonly #request: HttpRequest;
  readonly #deadlines: Deadlines;
  readonly #proxies: ProxySettings | undefined;
  readonly #limit = new AbortController();
  readonly #waiting: readonly Deadline[];
  #isOver = false;
  /** Ends the check that is under way. */
  #checking: AbortController | undefined;

  constructor(
    request: HttpRequest,
    options: TimeoutOptions,
    canConnect: ConnectCheck,
    deadlines: Deadlines,
  ) {
    const { headerTimeoutMs = 30_000 } = options;
    const connectTimeoutMs = request.connectTimeoutMs ??
      options.connectTimeoutMs ?? 10_000;
    this.#request = request;
    this.#deadlines = deadlines;
    this.#proxies = options.proxy;
    const own = this.#limit.signal;
    this.signal = request.signal === undefined
      ? own
      : AbortSignal.any([request.signal, own]);
    const checkMs = Math.min(MAX_CHECK_MS, connectTimeoutMs / 2);
    const check = async () => {
      this.#checking = new AbortController();
      const until = AbortSignal.timeout(checkMs);
      const ended = AbortSignal.any([this.#checking.signal, until]);
      const connected = await canConnect(request, ended);
      if (!connected) this.#stop("no connection", connectTimeoutMs);
    };
    this.#waiting = [
      deadlines.begin(connectTimeoutMs - checkMs, check),
      deadlines.begin(
        headerTimeoutMs,
        () => this.#stop("no answer", headerTimeoutMs),
      ),
    ];
  }

  [Symbol.dispose](): void {
    this.#isOver = true;
    for (const deadline of this.#waiting) this.#deadlines.end(deadline);
    this.#checking?.abort();
  }

  #stop(what: string, limitMs: number): void {
    if (this.#isOver) return;
    const text = `${what} within ${limitMs / 1000} s`;
    const { url } = this.#request;
    const proxy = chooseProxy(url, this.#proxies)?.url;
    this.#limit.abort(networkError("timeout", "timeout", url, text, { proxy }));
  }
}
