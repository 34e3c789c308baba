import { TAR_BLOCK_BYTES } from "./tar_header.ts";

/** Cuts pieces of a wanted length out of chunks of any length, copying only where it must. */
export class BlockCollector {
  /** Where the chunk's untaken bytes begin, after {@linkcode take}. */
  position = 0;
  #wanted = TAR_BLOCK_BYTES;
  #held: Uint8Array | undefined;
  #filled = 0;

  /** Whether a piece has begun and is not whole. */
  get partial(): boolean {
    return this.#filled > 0;
  }

  /** Sets the length of the pieces to come. */
  want(bytes: number): void {
    this.#wanted = bytes;
  }

  /** The next piece, valid until the next call; undefined where the chunk ends before it does. */
  take(chunk: Uint8Array, at: number): Uint8Array | undefined {
    const missing = this.#wanted - this.#filled;
    const end = Math.min(at + missing, chunk.length);
    this.position = end;
    if (this.#filled === 0 && end - at === missing) {
      return chunk.subarray(at, end);
    }
    if (this.#held === undefined || this.#held.length < this.#wanted) {
      const held = new Uint8Array(this.#wanted);
      if (this.#held !== undefined) {
        held.set(this.#held.subarray(0, this.#filled));
      }
      this.#held = held;
    }
    this.#held.set(chunk.subarray(at, end), this.#filled);
    this.#filled += end - at;
    if (this.#filled < this.#wanted) return undefined;
    this.#filled = 0;
    return this.#held.subarray(0, this.#wanted);
  }
}
