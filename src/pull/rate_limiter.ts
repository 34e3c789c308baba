import { sleep } from "../http/sleep.ts";

/** Settings of {@linkcode RateLimiter}. */
export interface RateLimiterOptions {
  /** All connections together. */
  readonly bytesPerSecond: number;
  /** Monotonic clock, ms. Default `performance.now`. */
  readonly now?: () => number;
  /** Default: the real clock. */
  readonly sleep?: typeof sleep;
}

/** What may pass at once after a pause, as time at the full rate. */
const BURST_MS = 100;

/**
 * A token bucket that several connections draw from. Whoever draws pays for
 * bytes that have arrived already, by waiting: the connection's window then
 * slows the sender.
 */
export class RateLimiter {
  /** The rate that all share. */
  readonly bytesPerSecond: number;
  readonly #now: () => number;
  readonly #sleep: typeof sleep;
  /** When everything drawn so far is paid for. */
  #paidUpAt = -Infinity;

  /** @throws RangeError on a rate that is not a positive number. */
  constructor(options: RateLimiterOptions) {
    if (!(options.bytesPerSecond > 0)) {
      throw new RangeError(
        `Cannot limit to ${options.bytesPerSecond} bytes a second: not positive`,
      );
    }
    this.bytesPerSecond = options.bytesPerSecond;
    this.#now = options.now ?? (() => performance.now());
    this.#sleep = options.sleep ?? sleep;
  }

  /** Largest read that keeps the flow even, in bytes. */
  get readSize(): number {
    return Math.max(4096, Math.floor(this.bytesPerSecond / 16));
  }

  /** Waits until `bytes` that arrived are within the rate. */
  async take(bytes: number, signal?: AbortSignal): Promise<void> {
    const now = this.#now();
    const from = Math.max(this.#paidUpAt, now - BURST_MS);
    this.#paidUpAt = from + (bytes * 1000) / this.bytesPerSecond;
    const delayMs = this.#paidUpAt - now;
    if (delayMs > 0) await this.#sleep(delayMs, signal);
  }
}
