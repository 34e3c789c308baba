import type { ArchiveEntry } from "../tar/archive_entry.ts";

/** Takes the plain bytes of a file, in order. */
export interface PlainSink {
  /** @param bytes Valid during the call only. */
  write(bytes: Uint8Array): void;
  /** Takes as many zeros: there may be a great many. */
  writeZeros(count: number): void;
}

const ZEROS = new Uint8Array(64 * 1024);

/** As many zeros, in pieces. */
export function* zeroChunks(count: number): Generator<Uint8Array> {
  for (let left = count; left > 0; left -= ZEROS.length) {
    yield ZEROS.subarray(0, Math.min(ZEROS.length, left));
  }
}

/** A sink that has no use for knowing which bytes are a hole. */
export function plainSink(write: (bytes: Uint8Array) => void): PlainSink {
  return {
    write,
    writeZeros: (count) => {
      for (const zeros of zeroChunks(count)) write(zeros);
    },
  };
}

/** Writes the pieces of one file after the other as its plain bytes, holes as zeros. */
export class PlainContent {
  readonly #sink: PlainSink;
  #size = 0;
  #written = 0;

  constructor(sink: PlainSink) {
    this.#sink = sink;
  }

  /** Begins a file. */
  start({ size }: Pick<ArchiveEntry, "size">): void {
    this.#size = size;
    this.#written = 0;
  }

  /** Takes a piece. @param offset Where in the file; never before the end of the last one. */
  add(bytes: Uint8Array, offset: number): void {
    this.#fill(offset);
    this.#sink.write(bytes);
    this.#written += bytes.length;
  }

  /** Ends the file, with its last hole. */
  end(): void {
    this.#fill(this.#size);
  }

  #fill(end: number): void {
    if (this.#written === end) return;
    this.#sink.writeZeros(end - this.#written);
    this.#written = end;
  }
}
