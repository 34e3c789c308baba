/** Shortest time between two reports of one blob, in ms. */
const INTERVAL_MS = 100;

/** Lets through at most ten reports a second. */
export class ProgressThrottle {
  readonly #report: () => void;
  readonly #now: () => number;
  #lastMs = -Infinity;

  constructor(report: () => void, now: () => number) {
    this.#report = report;
    this.#now = now;
  }

  /** Something changed. */
  touch(): void {
    const nowMs = this.#now();
    if (nowMs - this.#lastMs < INTERVAL_MS) return;
    this.#lastMs = nowMs;
    this.#report();
  }
}
