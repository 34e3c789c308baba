/** Kept for the next; more are given up. */
const MAX_KEPT = 16;
const BUFFER_BYTES = 256 * 1024;

/**
 * Buffers for pieces of files. The one given back last is taken first: it is still in the
 * processor's cache, whoever's piece comes next.
 */
export class BufferPool {
  readonly #kept: Uint8Array<ArrayBuffer>[] = [];

  /** One that nobody else has. */
  take(): Uint8Array<ArrayBuffer> {
    return this.#kept.pop() ?? new Uint8Array(BUFFER_BYTES);
  }

  /** Nobody may use it any more. */
  giveBack(buffer: Uint8Array<ArrayBuffer>): void {
    if (this.#kept.length < MAX_KEPT) this.#kept.push(buffer);
  }
}
