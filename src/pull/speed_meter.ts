/** Time over which a reading fades to a third, in ms: calm, but a stall shows within seconds. */
const FADE_MS = 1_000;
/** Below this age a single packet would be a wild speed. */
const MIN_AGE_MS = 100;

/**
 * How fast an amount grows: an average in which older readings fade. It starts
 * with nothing, so that what an earlier run left never counts, and it falls by
 * itself while nothing arrives. Times are of a monotonic clock, in ms.
 */
export class SpeedMeter {
  readonly #startMs: number;
  #atMs: number;
  #weight = 0;

  constructor(startMs: number) {
    this.#startMs = startMs;
    this.#atMs = startMs;
  }

  /** Counts what came just now. */
  add(amount: number, nowMs: number): void {
    this.#weight = this.#faded(nowMs) + amount;
    this.#atMs = Math.max(this.#atMs, nowMs);
  }

  /** Amount a second; undefined while too little is known. */
  perSecond(nowMs: number): number | undefined {
    const ageMs = nowMs - this.#startMs;
    if (ageMs < MIN_AGE_MS) return undefined;
    // A young meter has seen only a part of the weight that a steady stream builds up.
    const seen = 1 - Math.exp(-ageMs / FADE_MS);
    return (this.#faded(nowMs) * 1000) / (FADE_MS * seen);
  }

  #faded(nowMs: number): number {
    const silenceMs = Math.max(0, nowMs - this.#atMs);
    return this.#weight * Math.exp(-silenceMs / FADE_MS);
  }
}
