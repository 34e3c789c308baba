/**
 * The best size for a write, by measurement: from 256 KiB on the kernel takes large folios for
 * the page cache, which on a virtual machine can cost five times as much. Also small enough to
 * be still in the processor's cache when it is hashed next.
 */
const CHUNK_BYTES = 128 << 10;
/** A write that took this long was waiting for the disk. */
const SLOW_MS = 10;
/** How many writes after a slow one stay off this thread. */
const SLOW_WRITES = 64;

/** What {@linkcode PositionalWriter} needs of an open file. */
export type PositionalFile = Pick<
  Deno.FsFile,
  "seekSync" | "write" | "writeSync"
>;

/** Options of {@linkcode PositionalWriter}. */
export interface PositionalWriterOptions {
  /** The clock, in milliseconds. Default `performance.now`. */
  readonly now?: () => number;
}

/**
 * Writes at any offset of a file. While the page cache takes the bytes at the speed of memory it
 * does so on this thread: 40 µs a chunk, where an asynchronous write costs 90 µs more for the way
 * to another thread and back. Once the disk holds it up, writes go to that other thread.
 */
export class PositionalWriter {
  readonly #file: PositionalFile;
  readonly #now: () => number;
  #position = -1;
  #slowWrites = 0;

  constructor(file: PositionalFile, options: PositionalWriterOptions = {}) {
    this.#file = file;
    this.#now = options.now ?? (() => performance.now());
  }

  /** Writes all of the bytes. One call at a time. A failure may leave a part of them written. */
  async writeAt(offset: number, bytes: Uint8Array): Promise<void> {
    if (this.#position !== offset) {
      this.#file.seekSync(offset, Deno.SeekMode.Start);
    }
    this.#position = -1;
    for (let done = 0; done < bytes.length;) {
      const chunk = bytes.subarray(done, done + CHUNK_BYTES);
      done += this.#slowWrites > 0
        ? await this.#writeSlowly(chunk)
        : this.#write(chunk);
    }
    this.#position = offset + bytes.length;
  }

  #write(chunk: Uint8Array): number {
    const start = this.#now();
    const written = this.#file.writeSync(chunk);
    if (this.#now() - start > SLOW_MS) this.#slowWrites = SLOW_WRITES;
    return written;
  }

  #writeSlowly(chunk: Uint8Array): Promise<number> {
    this.#slowWrites -= 1;
    return this.#file.write(chunk);
  }
}
