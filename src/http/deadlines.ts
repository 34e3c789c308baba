/** Something that is to have happened by then. */
export interface Deadline {
  /** When it is past, on the monotonic clock, in ms. */
  readonly atMs: number;
  /** Called once it is. */
  readonly onPast: () => void;
}

/** A longer timer goes off at once; one that is due too early looks, and is set again. */
const LONGEST_TIMER_MS = 2 ** 31 - 1;

/** Settings of {@linkcode Deadlines}. */
export interface DeadlinesOptions {
  /** Whether the process stays as long as something is waited for. Default false. */
  readonly holdsProcess?: boolean;
}

/**
 * The deadlines of all who share it, on one timer: hardly any is ever met, and
 * setting and clearing a timer for each request and each body cost more than
 * the rest of what limits their time (0.1 ms a request, measured in a pull).
 */
export class Deadlines {
  readonly #holdsProcess: boolean;
  readonly #waiting = new Set<Deadline>();
  #timer: ReturnType<typeof setTimeout> | undefined;
  #timerAtMs = Infinity;

  constructor({ holdsProcess = false }: DeadlinesOptions = {}) {
    this.#holdsProcess = holdsProcess;
  }

  /** Begins to wait; {@linkcode Deadlines.end} takes back what is returned. */
  begin(afterMs: number, onPast: () => void): Deadline {
    const deadline = { atMs: performance.now() + afterMs, onPast };
    this.#waiting.add(deadline);
    if (deadline.atMs < this.#timerAtMs) this.#setTimer(deadline.atMs);
    return deadline;
  }

  /** Waits no longer; for what is past or ended already this does nothing. */
  end(deadline: Deadline | undefined): void {
    if (deadline === undefined) return;
    if (this.#waiting.delete(deadline) && this.#waiting.size === 0) {
      this.#clearTimer();
    }
  }

  #setTimer(atMs: number): void {
    this.#clearTimer();
    const delayMs = Math.max(1, Math.ceil(atMs - performance.now()));
    this.#timer = setTimeout(
      () => this.#look(),
      Math.min(delayMs, LONGEST_TIMER_MS),
    );
    if (!this.#holdsProcess) Deno.unrefTimer(this.#timer);
    this.#timerAtMs = atMs;
  }

  #clearTimer(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#timerAtMs = Infinity;
  }

  /** The one that the timer was set for may have ended since: then it is set for the next. */
  #look(): void {
    const nowMs = performance.now();
    const past = [...this.#waiting].filter(({ atMs }) => atMs <= nowMs);
    for (const deadline of past) this.#waiting.delete(deadline);
    this.#clearTimer();
    let nextMs = Infinity;
    for (const { atMs } of this.#waiting) nextMs = Math.min(nextMs, atMs);
    if (nextMs < Infinity) this.#setTimer(nextMs);
    for (const { onPast } of past) onPast();
  }
}
