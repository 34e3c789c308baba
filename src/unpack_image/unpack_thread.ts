import type { GrowingFile } from "../io/growing_file.ts";
import type { LayerJob, LayerProgress, UnpackedTree } from "./layer_job.ts";
import {
  type UnpackAnswer,
  unpackError,
  type UnpackRequest,
} from "./unpack_message.ts";

// `deno compile` needs to be told of it: --include src/unpack_image/unpack_worker.ts
const WORKER_URL = new URL("./unpack_worker.ts", import.meta.url);

/** Whether there is such a thread: a program that is bundled into one file has none. */
export function hasUnpackThread(): boolean {
  if (WORKER_URL.protocol !== "file:") return true;
  try {
    return Deno.lstatSync(WORKER_URL).isFile;
  } catch {
    // Not there, or not to be looked at: either way it can't be run.
    return false;
  }
}

/** How a thread runs a job. */
export interface ThreadJobOptions {
  readonly signal: AbortSignal;
  readonly onProgress: (progress: LayerProgress) => void;
}

interface PendingJob {
  readonly onProgress: (progress: LayerProgress) => void;
  readonly unpacked: PromiseWithResolvers<UnpackedTree>;
  readonly settled: PromiseWithResolvers<void>;
}

/** Thrown where the thread could not even begin: nothing was made yet. */
export class ThreadUnavailable extends Error {}

/** A thread that unpacks, as it is seen from here. Each job waits for its own file. */
export class UnpackThread implements Disposable {
  readonly #worker = new Worker(WORKER_URL, { type: "module", name: "unpack" });
  readonly #jobs = new Map<number, PendingJob>();
  #lastId = 0;
  #begun = false;
  #failure: Error | undefined;

  constructor() {
    this.#worker.addEventListener("message", (event) => this.#onMessage(event));
    this.#worker.addEventListener("error", (event) => {
      // Or it would end the whole program.
      event.preventDefault();
      this.#fail(
        this.#begun ? new Error(event.message) : new ThreadUnavailable(),
      );
    });
  }

  /** Jobs under way. */
  get load(): number {
    return this.#jobs.size;
  }

  /**
   * Unpacks a layer.
   *
   * @throws ThreadUnavailable where there is no thread after all.
   */
  async run(
    job: LayerJob,
    file: GrowingFile,
    { signal, onProgress }: ThreadJobOptions,
  ): Promise<UnpackedTree> {
    signal.throwIfAborted();
    if (this.#failure !== undefined) throw this.#failure;
    const id = ++this.#lastId;
    const pending: PendingJob = {
      onProgress,
      unpacked: Promise.withResolvers(),
      settled: Promise.withResolvers(),
    };
    // A failure is for whoever waits; nobody may.
    pending.settled.promise.catch(() => {});
    this.#jobs.set(id, pending);
    this.#tell({ id, kind: "start", job });
    const ended = new AbortController();
    const abort = (): void => this.#tell({ id, kind: "abort" });
    signal.addEventListener("abort", abort, { once: true });
    const following = this.#follow(id, file, ended.signal);
    try {
      return await pending.unpacked.promise;
    } catch (error) {
      this.#jobs.delete(id);
      signal.throwIfAborted();
      throw error;
    } finally {
      signal.removeEventListener("abort", abort);
      ended.abort();
      await following;
    }
  }

  [Symbol.dispose](): void {
    this.#worker.terminate();
    this.#fail(new Error("the unpacking thread was ended"));
  }

  async #follow(
    id: number,
    file: GrowingFile,
    signal: AbortSignal,
  ): Promise<void> {
    const end = await file.watch(
      (growth) => this.#tell({ id, kind: "growth", growth }),
      signal,
    );
    // What it read was wrong, and it would wait for more of that.
    if (end === "restarted") this.#tell({ id, kind: "abort" });
  }

  #tell(request: UnpackRequest): void {
    if (this.#failure === undefined) this.#worker.postMessage(request);
  }

  #onMessage({ data }: MessageEvent<UnpackAnswer>): void {
    this.#begun = true;
    const job = this.#jobs.get(data.id);
    switch (data.kind) {
      case "progress":
        return job?.onProgress(data.progress);
      case "unpacked": {
        const { id, bytes, lines } = data;
        return job?.unpacked.resolve({
          bytes,
          lines,
          settle: (path) => this.#settle(id, path),
        });
      }
      case "settled":
        return job?.settled.resolve();
      case "error": {
        const error = unpackError(data.error);
        job?.unpacked.reject(error);
        return job?.settled.reject(error);
      }
    }
  }

  async #settle(id: number, path: string): Promise<void> {
    if (this.#failure !== undefined) throw this.#failure;
    try {
      this.#tell({ id, kind: "settle", path });
      await this.#jobs.get(id)?.settled.promise;
    } finally {
      this.#jobs.delete(id);
    }
  }

  #fail(error: Error): void {
    this.#failure ??= error;
    for (const { unpacked, settled } of this.#jobs.values()) {
      unpacked.reject(this.#failure);
      settled.reject(this.#failure);
    }
    this.#jobs.clear();
  }
}
