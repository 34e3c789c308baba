import type { GrowingFile } from "../io/growing_file.ts";
import { Decompressor } from "../unpack/decompressor.ts";
import { findNativeCalls, type NativeCalls } from "../unpack/native_calls.ts";
import {
  type LayerJob,
  type LayerJobOptions,
  runLayerJob,
  type UnpackedTree,
} from "./layer_job.ts";
import {
  hasUnpackThread,
  ThreadUnavailable,
  UnpackThread,
} from "./unpack_thread.ts";

/** How a {@linkcode UnpackCrew} works. */
export interface UnpackCrewOptions {
  /**
   * Threads at a time. Default: one a processor, 4 at most: each takes its memory. 1: what is
   * whole is unpacked here, and decompressed on the other thread.
   */
  readonly maxThreads?: number | undefined;
}

const MAX_THREADS = 4;
/** More than there are threads: a layer that is still on its way leaves them time. */
const MAX_JOBS = 12;
/** A smaller layer is done before a thread has started (50 ms). */
const MIN_THREAD_BYTES = 2 * 1024 * 1024;
const MIN_PIPELINED_BYTES = 4 * 1024 * 1024;

/** Unpacks layers on several threads at once; disposing ends them. */
export class UnpackCrew implements Disposable {
  readonly #maxThreads: number;
  readonly #threads: UnpackThread[] = [];
  readonly native: NativeCalls | undefined = findNativeCalls();
  readonly #waiting: (() => void)[] = [];
  #hasThreads = hasUnpackThread();
  #running = 0;

  constructor({ maxThreads }: UnpackCrewOptions = {}) {
    this.#maxThreads = maxThreads ??
      Math.min(MAX_THREADS, navigator.hardwareConcurrency);
  }

  /** Unpacks a layer, as its bytes come. */
  async run(
    job: LayerJob,
    file: GrowingFile,
    options: Omit<LayerJobOptions, "native">,
  ): Promise<UnpackedTree> {
    await this.#enter();
    try {
      return await this.#run(job, file, options);
    } finally {
      this.#leave();
    }
  }

  [Symbol.dispose](): void {
    for (const thread of this.#threads) thread[Symbol.dispose]();
    this.native?.[Symbol.dispose]();
  }

  async #run(
    job: LayerJob,
    file: GrowingFile,
    options: Omit<LayerJobOptions, "native">,
  ): Promise<UnpackedTree> {
    if (this.#maxThreads === 1 && file.growth.isWhole) {
      using decompressor = new Decompressor();
      const { native } = this;
      return await runLayerJob(job, file, { ...options, native, decompressor });
    }
    if (this.#hasThreads && job.layer.size >= MIN_THREAD_BYTES) {
      // Where there is one large layer only, two threads share its work. More would take memory.
      const isPipelined = this.#running === 1 &&
        job.layer.size >= MIN_PIPELINED_BYTES;
      try {
        return await this.#thread().run(
          { ...job, isPipelined },
          file,
          options,
        );
      } catch (error) {
        if (!(error instanceof ThreadUnavailable)) throw error;
        this.#hasThreads = false;
      }
    }
    return await runLayerJob(job, file, { ...options, native: this.native });
  }

  /** Each job has files open and a decompressor's memory. */
  async #enter(): Promise<void> {
    if (this.#running < MAX_JOBS) {
      this.#running++;
      return;
    }
    await new Promise<void>((resolve) => this.#waiting.push(resolve));
  }

  #leave(): void {
    const next = this.#waiting.shift();
    if (next === undefined) this.#running--;
    else next();
  }

  /** The one with the least to do; a new one where all have something. */
  #thread(): UnpackThread {
    const [idlest] = this.#threads.toSorted((a, b) => a.load - b.load);
    const isFull = this.#threads.length >= this.#maxThreads;
    if (idlest !== undefined && (idlest.load === 0 || isFull)) return idlest;
    const thread = new UnpackThread();
    this.#threads.push(thread);
    return thread;
  }
}
