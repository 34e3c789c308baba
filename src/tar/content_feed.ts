import type { ArchiveHandler } from "./archive_entry.ts";
import type { SparsePiece } from "./sparse_map.ts";
import { tarPadding } from "./tar_header.ts";

/** Hands the bytes of one entry after the other to the handler, and skips their padding. */
export class ContentFeed {
  readonly #handler: ArchiveHandler;
  /** Bytes of the current file that are still to come, and then of its padding. */
  #left = 0;
  #padding = 0;
  /** Where in the file the next byte belongs. */
  #offset = 0;
  #pieces: readonly SparsePiece[] = [];
  #piece = 0;
  /** Bytes to come of the current piece; a plain file is one piece. */
  #pieceLeft = 0;

  constructor(handler: ArchiveHandler) {
    this.#handler = handler;
  }

  /** Whether the next bytes belong to an entry. */
  get active(): boolean {
    return this.#left > 0 || this.#padding > 0;
  }

  /** Begins an entry's content; an entry without any ends at once. */
  start(
    storedBytes: number,
    pieces: readonly SparsePiece[] = [{ offset: 0, length: storedBytes }],
  ): void {
    this.#left = storedBytes;
    this.#padding = tarPadding(storedBytes);
    this.#pieces = pieces;
    this.#piece = -1;
    this.#pieceLeft = 0;
    if (storedBytes === 0) this.#handler.end();
  }

  /** Passes over what is left of an entry. @returns how many bytes of the archive that are. */
  skip(): number {
    const bytes = this.#left + this.#padding;
    const ends = this.#left > 0;
    this.#left = this.#padding = 0;
    if (ends) this.#handler.end();
    return bytes;
  }

  /** Takes bytes from a chunk, and says where the rest begins. */
  take(chunk: Uint8Array, at: number): number {
    if (this.#left === 0) {
      const skipped = Math.min(this.#padding, chunk.length - at);
      this.#padding -= skipped;
      return at + skipped;
    }
    while (this.#pieceLeft === 0) this.#nextPiece();
    const length = Math.min(this.#pieceLeft, chunk.length - at);
    this.#handler.data(chunk.subarray(at, at + length), this.#offset);
    this.#offset += length;
    this.#pieceLeft -= length;
    this.#left -= length;
    if (this.#left === 0) this.#handler.end();
    return at + length;
  }

  /** The map was checked: its pieces are exactly as long as the content. */
  #nextPiece(): void {
    this.#piece++;
    const { offset, length } = this.#pieces[this.#piece] ??
      { offset: this.#offset, length: this.#left };
    this.#offset = offset;
    this.#pieceLeft = length;
  }
}
