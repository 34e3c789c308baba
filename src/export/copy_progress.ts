import type { EventListener } from "../events.ts";
import { type ExportEntry, sourceBytes } from "./export_entry.ts";

/** Options of {@linkcode CopyProgress}. */
export interface CopyProgressOptions {
  readonly onEvent?: EventListener | undefined;
  /** Monotonic clock, ms. Default `performance.now`. */
  readonly now?: (() => number) | undefined;
}

const EVERY_MS = 100;

/** Tells how much of what is to be copied has been; at most ten times a second. */
export class CopyProgress {
  readonly #bytesTotal: number;
  readonly #onEvent: EventListener;
  readonly #now: () => number;
  #bytes = 0;
  #saidAtMs = -Infinity;

  constructor(
    entries: readonly ExportEntry[],
    { onEvent = () => {}, now = () => performance.now() }: CopyProgressOptions,
  ) {
    this.#bytesTotal = entries.reduce(
      (sum, entry) => sum + sourceBytes(entry),
      0,
    );
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
