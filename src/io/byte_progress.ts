import type { EventListener } from "../events.ts";

/** Options of {@linkcode ByteProgress}. */
export interface ByteProgressOptions {
  readonly onEvent?: EventListener | undefined;
  /** Monotonic clock, ms. Default `performance.now`. */
  readonly now?: (() => number) | undefined;
}

const EVERY_MS = 100;

/** Tells how much of what is to be copied has been, at most ten times a second. */
export class ByteProgress {
  readonly #bytesTotal: number;
  readonly #onEvent: EventListener;
  readonly #now: () => number;
  #bytes = 0;
  #saidAtMs = -Infinity;

  constructor(
    bytesTotal: number,
    { onEvent = () => {}, now = () => performance.now() }: ByteProgressOptions,
  ) {
    this.#bytesTotal = bytesTotal;
    this.#onEvent = onEvent;
    this.#now = now;
  }

  /** More bytes are through. */
  add(bytes: number): void {
    this.#bytes += bytes;
    const nowMs = this.#now();
    const isLast = this.#bytes === this.#bytesTotal;
    if (!isLast && nowMs - this.#saidAtMs < EVERY_MS) return;
    this.#saidAtMs = nowMs;
    this.#onEvent({
      event: "copy-progress",
      bytes: this.#bytes,
      bytesTotal: this.#bytesTotal,
    });
  }
}
