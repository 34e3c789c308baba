import type { ArchiveEntry } from "../tar/archive_entry.ts";

const ZEROS = new Uint8Array(64 * 1024);

/** Writes the pieces of one file after the other as its plain bytes, holes as zeros. */
export class PlainContent {
  readonly #write: (bytes: Uint8Array) => void;
  #size = 0;
  #written = 0;

  /** @param write Takes bytes that are valid during the call only. */
  constructor(write: (bytes: Uint8Array) => void) {
    this.#write = write;
  }

  /** Begins a file. */
  start({ size }: Pick<ArchiveEntry, "size">): void {
    this.#size = size;
    this.#written = 0;
  }

  /** Takes a piece. @param offset Where in the file; never before the end of the last one. */
  add(bytes: Uint8Array, offset: number): void {
    this.#fill(offset);
    this.#write(bytes);
    this.#written += bytes.length;
  }

  /** Ends the file, with its last hole. */
  end(): void {
    this.#fill(this.#size);
  }

  #fill(end: number): void {
    while (this.#written < end) {
      const length = Math.min(ZEROS.length, end - this.#written);
      this.#write(ZEROS.subarray(0, length));
      this.#written += length;
    }
  }
}
