import { IntegrityError, LocalError } from "../errors.ts";
import { blobChunks } from "./blob_chunks.ts";
import { decompress } from "./decompress.ts";
import type { DecompressAnswer } from "./decompress_message.ts";
import { DecompressThread, hasDecompressThread } from "./decompress_thread.ts";

/** A smaller layer is done before a thread has started (50 ms). */
const MIN_THREAD_BYTES = 2 * 1024 * 1024;

/** Decompresses layers on a thread of its own, one after the other; disposing ends it. */
export class Decompressor implements Disposable {
  #thread: DecompressThread | undefined;

  /**
   * Starts with a layer as soon as those before it are done, some MiB ahead of the reader.
   *
   * @param size Compressed bytes of the file, to decide whether a thread is worth it.
   * @returns the uncompressed bytes, to be read once and in the order of the calls. A chunk is
   * valid until the next one.
   */
  open(path: string, size: number): AsyncIterable<Uint8Array> {
    if (size < MIN_THREAD_BYTES || !hasDecompressThread()) {
      return decompress(blobChunks(path));
    }
    this.#thread ??= new DecompressThread();
    return this.#chunks(this.#thread, this.#thread.start(path), path);
  }

  [Symbol.dispose](): void {
    this.#thread?.[Symbol.dispose]();
    this.#thread = undefined;
  }

  async *#chunks(
    thread: DecompressThread,
    job: number,
    path: string,
  ): AsyncGenerator<Uint8Array> {
    let whole = false;
    try {
      while (true) {
        const answer = await thread.next(job);
        if (answer === undefined) {
          // The thread could not even begin.
          whole = true;
          return yield* decompress(blobChunks(path));
        }
        if (answer.kind === "error") throw toError(answer);
        if (answer.kind === "end") {
          whole = true;
          return;
        }
        yield answer.bytes;
        thread.giveBack(answer.bytes.buffer);
      }
    } finally {
      if (!whole) this.#drop(thread);
    }
  }

  /** What was left in the middle would keep the memory that others wait for. */
  #drop(thread: DecompressThread): void {
    thread[Symbol.dispose]();
    if (this.#thread === thread) this.#thread = undefined;
  }
}

function toError({
  integrity,
  code,
  message,
}: DecompressAnswer & { kind: "error" }): Error {
  return integrity
    ? new IntegrityError(code, message)
    : new LocalError(code, message);
}
