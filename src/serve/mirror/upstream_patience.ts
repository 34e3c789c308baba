import { UnavailableError } from "../../errors.ts";

/** Options of {@linkcode UpstreamPatience}. */
export interface UpstreamPatienceOptions {
  /** Longest wait for upstream while the store has something to serve instead, in ms. Default 10,000. */
  readonly waitMs?: number;
  /** For how long upstream is not asked after it failed so, in ms. Default 10,000. */
  readonly pauseMs?: number;
  /** Monotonic clock, in ms. Default `performance.now`. */
  readonly now?: () => number;
}

/**
 * How long upstream is waited for where the store could answer: clients give up after half a
 * minute, and a fleet of them must not wait for an upstream that is known to be down.
 */
export class UpstreamPatience {
  readonly #waitMs: number;
  readonly #pauseMs: number;
  readonly #now: () => number;
  #pausedUntilMs = -Infinity;

  /** Upstream is taken to be well. */
  constructor(options: UpstreamPatienceOptions = {}) {
    this.#waitMs = options.waitMs ?? 10_000;
    this.#pauseMs = options.pauseMs ?? 10_000;
    this.#now = options.now ?? (() => performance.now());
  }

  /**
   * Asks upstream, unless it failed a moment ago.
   *
   * @param what Names what is asked for in a message.
   * @throws UnavailableError timeout, or what `ask` throws.
   */
  async ask<T>(
    what: string,
    ask: (signal: AbortSignal) => Promise<T>,
    { signal }: { readonly signal: AbortSignal },
  ): Promise<T> {
    if (this.#now() < this.#pausedUntilMs) {
      throw unavailable(what, "upstream failed a moment ago");
    }
    const late = AbortSignal.timeout(this.#waitMs);
    try {
      return await ask(AbortSignal.any([signal, late]));
    } catch (error) {
      const isLate = late.aborted && !signal.aborted;
      const failure = isLate
        ? unavailable(what, "upstream takes too long")
        : error;
      if (failure instanceof UnavailableError) {
        this.#pausedUntilMs = this.#now() + this.#pauseMs;
      }
      throw failure;
    }
  }
}

function unavailable(what: string, why: string): UnavailableError {
  return new UnavailableError("timeout", `Cannot ask for "${what}": ${why}`);
}
