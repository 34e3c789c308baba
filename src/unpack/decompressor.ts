import { IntegrityError, LocalError } from "../errors.ts";
import { growingChunks, type GrowingFile } from "../io/growing_file.ts";
import { blobChunks } from "./blob_chunks.ts";
import { decompress } from "./decompress.ts";
import type { DecompressAnswer } from "./decompress_message.ts";
import { DecompressThread, hasDecompressThread } from "./decompress_thread.ts";

/** A smaller layer is done before a thread has started (50 ms). */
const MIN_THREAD_BYTES = 2 * 1024 * 1024;

/** A file that is still being written. */
export interface GrowingSource {
  readonly file: GrowingFile;
  readonly signal?: AbortSignal | undefined;
}

/** Decompresses layers on a thread of its own, one after the other; disposing ends it. */
export class Decompressor implements Disposable {
  #thread: DecompressThread | undefined;

  /**
   * Starts with a layer as soon as those before it are done, some MiB ahead of the reader.
   *
   * @param size Compressed bytes of the file, to decide whether a thread is worth it.
   * @param growing Where the file is still being written, and what ends the wait for it.
   * @returns the uncompressed bytes, to be read once and in the order of the calls. A chunk is
   * valid until the next one.
   */
  open(
    path: string,
    size: number,
    growing?: GrowingSource,
  ): AsyncIterable<Uint8Array> {
    const here = (): AsyncIterable<Uint8Array> =>
      decompress(
        growing === undefined ? blobChunks(path) : growingChunks(growing.file, {
          wholePath: path,
          signal: growing.signal,
        }),
      );
    if (size < MIN_THREAD_BYTES || !hasDecompressThread()) return here();
    const thread = this.#thread ??= new DecompressThread();
    const job = thread.start(path, growing?.file);
    return this.#chunks(thread, { job, here, signal: growing?.signal });
  }

  [Symbol.dispose](): void {
    this.#thread?.[Symbol.dispose]();
    this.#thread = undefined;
  }

  async *#chunks(
    thread: DecompressThread,
    { job, here, signal }: ThreadJob,
  ): AsyncGenerator<Uint8Array> {
    let whole = false;
    // It may wait for bytes that never come.
    const abort = (): void => this.#drop(thread);
    signal?.addEventListener("abort", abort, { once: true });
    try {
      while (true) {
        const answer = await thread.next(job);
        if (answer === undefined) {
          // The thread could not even begin.
          whole = true;
          return yield* here();
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
      signal?.removeEventListener("abort", abort);
      if (!whole) this.#drop(thread);
    }
  }

  /** What was left in the middle would keep the memory that others wait for. */
  #drop(thread: DecompressThread): void {
    thread[Symbol.dispose]();
    if (this.#thread === thread) this.#thread = undefined;
  }
}

interface ThreadJob {
  readonly job: number;
  /** The same without the thread. */
  readonly here: () => AsyncIterable<Uint8Array>;
  readonly signal: AbortSignal | undefined;
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
