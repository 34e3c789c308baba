import type { EventListener } from "../events.ts";
import type { Digest } from "../spec/digest.ts";
import type { Store } from "../store/store.ts";
import { hashFiles, type HashTask } from "./hash_files.ts";

/** What re-hashing found. */
export interface CheckedBlobs {
  /** Blobs that were hashed. */
  readonly checked: number;
  /** Bytes that were hashed. */
  readonly bytes: number;
  /** What references need and is not there, in the order of the digests. */
  readonly missing: readonly Digest[];
  /** What is there and is not what its name says. */
  readonly corrupt: readonly Digest[];
}

/** Options of {@linkcode checkBlobs}. */
export interface CheckBlobsOptions {
  /** Only what these references need. Default: everything in the store. */
  readonly references?: readonly string[] | undefined;
  readonly threads: number;
  readonly onEvent: EventListener;
  readonly signal?: AbortSignal | undefined;
  /** Monotonic clock, ms. */
  readonly now: () => number;
}

const PROGRESS_EVERY_MS = 100;

/** Hashes blobs again. The caller sees to it that nothing is pruned meanwhile. */
export async function checkBlobs(
  store: Store,
  options: CheckBlobsOptions,
): Promise<CheckedBlobs> {
  const { missing, corrupt, tasks } = look(store, options.references);
  const progress = new Progress(tasks, options);
  await hashFiles(tasks, {
    threads: options.threads,
    signal: options.signal,
    onResult: (task, actual) => {
      progress.add(task);
      if (actual === task.digest) return;
      const isThere = store.upkeep.findBlobFile(task.digest) !== undefined;
      (isThere ? corrupt : missing).push(task.digest);
    },
  });
  return {
    checked: tasks.length,
    bytes: progress.bytesTotal,
    missing: missing.toSorted(),
    corrupt: corrupt.toSorted(),
  };
}

interface FirstLook {
  readonly missing: Digest[];
  readonly corrupt: Digest[];
  readonly tasks: readonly HashTask[];
}

/** Names and sizes tell some damage without reading a byte. */
function look(store: Store, references?: readonly string[]): FirstLook {
  const found: FirstLook & { readonly tasks: HashTask[] } = {
    missing: [],
    corrupt: [],
    tasks: [],
  };
  const { upkeep } = store;
  const needed = references === undefined
    ? upkeep.neededBlobs()
    : new Map(references.flatMap((name) => [...upkeep.neededBlobs(name)]));
  for (const { digest, size, isOptional } of needed.values()) {
    const file = upkeep.findBlobFile(digest);
    if (file === undefined) {
      if (!isOptional) found.missing.push(digest);
    } else if (!file.isFile || file.size !== size) found.corrupt.push(digest);
    else found.tasks.push({ digest, path: store.blobPath(digest), size });
  }
  if (references !== undefined) return found;
  // What no reference needs yet will be trusted by the next pull.
  for (const digest of upkeep.blobNames()) {
    if (needed.has(digest)) continue;
    const file = upkeep.findBlobFile(digest);
    if (file === undefined) continue;
    if (!file.isFile) found.corrupt.push(digest);
    else {
      const path = store.blobPath(digest);
      found.tasks.push({ digest, path, size: file.size });
    }
  }
  return found;
}

class Progress {
  readonly bytesTotal: number;
  readonly #blobsTotal: number;
  readonly #options: CheckBlobsOptions;
  #blobs = 0;
  #bytes = 0;
  #saidAtMs = -Infinity;

  constructor(tasks: readonly HashTask[], options: CheckBlobsOptions) {
    this.bytesTotal = tasks.reduce((sum, { size }) => sum + size, 0);
    this.#blobsTotal = tasks.length;
    this.#options = options;
    this.#say();
  }

  add({ size }: HashTask): void {
    this.#blobs++;
    this.#bytes += size;
    const isLast = this.#blobs === this.#blobsTotal;
    const sinceMs = this.#options.now() - this.#saidAtMs;
    if (isLast || sinceMs >= PROGRESS_EVERY_MS) this.#say();
  }

  #say(): void {
    this.#saidAtMs = this.#options.now();
    this.#options.onEvent({
      event: "verify-progress",
      blobs: this.#blobs,
      bytes: this.#bytes,
      blobsTotal: this.#blobsTotal,
      bytesTotal: this.bytesTotal,
    });
  }
}
