interface Failure {
  /** Failures in a row. */
  readonly count: number;
  readonly until: number;
  /** Whether somebody is trying it again. */
  readonly isProbed: boolean;
}

/** A mirror that keeps failing is left alone for so many cooldowns at most. */
const MAX_COOLDOWNS = 16;

/**
 * Remembers which mirrors could not be reached, so that not every request waits
 * for them. After the cooldown one request may try; the others go on without
 * the mirror until it is known to be back. Each failure in a row doubles the cooldown.
 */
export class SourceHealth {
  readonly #failures = new Map<string, Failure>();
  readonly #cooldownMs: number;
  readonly #now: () => number;

  /** @param cooldownMs How long a mirror is passed over after its first failure. */
  constructor(cooldownMs: number, now: () => number) {
    this.#cooldownMs = cooldownMs;
    this.#now = now;
  }

  /** Passes a host over from now on. */
  markDead(host: string): void {
    const before = this.#failures.get(host);
    // Requests that were under way together failed once, not many times.
    if (
      before !== undefined && !before.isProbed && this.#now() < before.until
    ) return;
    const count = (before?.count ?? 0) + 1;
    const cooldownMs = this.#cooldownMs *
      Math.min(2 ** (count - 1), MAX_COOLDOWNS);
    this.#failures.set(host, {
      count,
      until: this.#now() + cooldownMs,
      isProbed: false,
    });
  }

  /** Forgets a host's failures. */
  markAlive(host: string): void {
    this.#failures.delete(host);
  }

  /** Whether a host failed and has not answered since. */
  isMarked(host: string): boolean {
    return this.#failures.has(host);
  }

  /** Whether a host is passed over; false for the one caller who may try it again. */
  isDead(host: string): boolean {
    const failure = this.#failures.get(host);
    if (failure === undefined) return false;
    if (this.#now() < failure.until) return true;
    const until = this.#now() + this.#cooldownMs;
    this.#failures.set(host, { ...failure, until, isProbed: true });
    return false;
  }
}
