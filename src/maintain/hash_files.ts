import { LocalError } from "../errors.ts";
import { createHasher } from "../io/hash.ts";
import { HashWorker } from "../io/hash_worker.ts";
import { guardLocal } from "../io/local_error.ts";
import { nextTurn } from "../io/next_turn.ts";
import { openRegularFile } from "../io/open_regular_file.ts";
import { type Digest, digestAlgorithm } from "../spec/digest.ts";

/** A file whose content should have a digest. */
export interface HashTask {
  readonly digest: Digest;
  readonly path: string;
  /** Bytes. */
  readonly size: number;
}

/** Options of {@linkcode hashFiles}. */
export interface HashFilesOptions {
  /** Hashes at the same time; one a core. */
  readonly threads: number;
  readonly signal?: AbortSignal | undefined;
  /** Told of each file that is through. */
  readonly onResult: (task: HashTask, actual: Digest | undefined) => void;
}

/** Below, the way to another thread and back takes longer than the hash. */
const SMALL_BYTES = 256 << 10;
/** Below all together, threads take longer to start than they save. */
const WORTH_THREADS_BYTES = 32 << 20;
const PIECE_BYTES = 256 << 10;

/**
 * Hashes files, the big ones on threads, largest first, so that none is left over at the end.
 * A file that can't be read to its end yields undefined.
 */
export async function hashFiles(
  tasks: readonly HashTask[],
  { threads, signal, onResult }: HashFilesOptions,
): Promise<void> {
  const big = tasks.filter(({ size }) => size >= SMALL_BYTES)
    .toSorted((a, b) => b.size - a.size);
  const bigBytes = big.reduce((sum, { size }) => sum + size, 0);
  const onThreads = threads > 1 && bigBytes >= WORTH_THREADS_BYTES ? big : [];
  const here = onThreads.length === 0
    ? tasks
    : tasks.filter(({ size }) => size < SMALL_BYTES);
  const queue = onThreads.values();
  const count = Math.min(threads, onThreads.length);
  await Promise.all([
    ...Array.from({ length: count }, () => hashOnThread(queue)),
    hashHere(),
  ]);

  async function hashOnThread(rest: Iterable<HashTask>): Promise<void> {
    using worker = new HashWorker({ stays: true });
    const stop = (): void => worker[Symbol.dispose]();
    signal?.addEventListener("abort", stop);
    try {
      for (const task of rest) {
        const { path, digest, size } = task;
        const job = worker.open(path, digestAlgorithm(digest));
        // A thread is an advantage, not a need; and here a failure gets its right name.
        const actual = await job.finish(size)
          .catch(() => hashFile(task, signal));
        onResult(task, actual);
      }
    } finally {
      signal?.removeEventListener("abort", stop);
    }
  }

  async function hashHere(): Promise<void> {
    let sinceTurn = 0;
    for (const task of here) {
      signal?.throwIfAborted();
      onResult(task, await hashFile(task, signal));
      // Lets the others, signals and the display have a turn, too.
      sinceTurn += task.size + 4096;
      if (sinceTurn < PIECE_BYTES) continue;
      sinceTurn = 0;
      await nextTurn(signal);
    }
  }
}

/** The digest of a file's content; undefined where it is gone, or the disk can't read it. */
export async function hashFile(
  task: Pick<HashTask, "path" | "digest">,
  signal?: AbortSignal,
): Promise<Digest | undefined> {
  try {
    return await readAndHash(task, signal);
  } catch (error) {
    const isBadSector = error instanceof LocalError &&
      error.details["systemCode"] === "EIO";
    if (isBadSector) return undefined;
    throw error;
  }
}

async function readAndHash(
  { path, digest }: Pick<HashTask, "path" | "digest">,
  signal: AbortSignal | undefined,
): Promise<Digest | undefined> {
  signal?.throwIfAborted();
  using file = openRegularFile(path);
  if (file === undefined) return undefined;
  const hasher = createHasher(digestAlgorithm(digest));
  const buffer = new Uint8Array(PIECE_BYTES);
  for (let pieces = 0;; pieces++) {
    const read = guardLocal("read", path, () => file.readSync(buffer));
    if (read === null) return hasher.digest();
    hasher.update(buffer.subarray(0, read));
    if (pieces % 16 !== 15) continue;
    await nextTurn(signal);
  }
}
