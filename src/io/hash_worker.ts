import type { Digest, DigestAlgorithm } from "../spec/digest.ts";
import source from "./hash_worker.js" with { type: "text" };

interface Answer {
  readonly id: number;
  readonly hex?: string;
  readonly failure?: string;
}

/** A file that is hashed on the worker. */
export interface HashJob {
  /** Tells that the file is there up to `goal`. */
  advance(goal: number): void;
  /** The digest of the first `size` bytes. Rejects where the worker failed. Ends the job. */
  finish(size: number): Promise<Digest>;
  /** Gives up. */
  close(): void;
}

interface PendingJob {
  readonly resolve: (hex: string) => void;
  readonly reject: (error: Error) => void;
}

/** Options of {@linkcode HashWorker}. */
export interface HashWorkerOptions {
  /** Default false: the thread ends with its last job. True: it stays until this is disposed. */
  readonly stays?: boolean;
}

/**
 * A thread that hashes files while they are written. It runs only while there are jobs: a worker
 * keeps the process alive.
 */
export class HashWorker implements Disposable {
  readonly #stays: boolean;
  readonly #jobs = new Map<number, PendingJob>();
  #worker: Worker | undefined;
  #lastId = 0;

  /** Starts nothing yet. */
  constructor({ stays = false }: HashWorkerOptions = {}) {
    this.#stays = stays;
  }

  /** Starts to hash a file. */
  open(path: string, algorithm: DigestAlgorithm): HashJob {
    const worker = this.#worker ??= this.#start();
    const id = ++this.#lastId;
    const { promise, resolve, reject } = Promise.withResolvers<string>();
    // A failure is for whoever finishes the job; one that is given up may fail unseen.
    promise.catch(() => {});
    this.#jobs.set(id, { resolve, reject });
    worker.postMessage({ type: "open", id, path, algorithm });
    return {
      advance: (goal) => worker.postMessage({ type: "advance", id, goal }),
      finish: async (goal) => {
        worker.postMessage({ type: "finish", id, goal });
        return `${algorithm}:${await promise}`;
      },
      close: () => {
        worker.postMessage({ type: "close", id });
        this.#end(id)?.reject(new Error("The hash job was closed"));
      },
    };
  }

  [Symbol.dispose](): void {
    this.#stop(new Error("The hash worker was closed"));
  }

  #start(): Worker {
    const url = URL.createObjectURL(
      new Blob([source], { type: "text/javascript" }),
    );
    const worker = new Worker(url, { type: "module" });
    worker.onmessage = ({ data }: MessageEvent<Answer>) => {
      URL.revokeObjectURL(url);
      const job = this.#end(data.id);
      if (data.hex !== undefined) job?.resolve(data.hex);
      else job?.reject(new Error(data.failure));
    };
    worker.onerror = (event) => {
      event.preventDefault();
      this.#stop(new Error(event.message));
    };
    return worker;
  }

  #end(id: number): PendingJob | undefined {
    const job = this.#jobs.get(id);
    this.#jobs.delete(id);
    if (this.#jobs.size === 0 && !this.#stays) this.#terminate();
    return job;
  }

  #stop(error: Error): void {
    const jobs = [...this.#jobs.values()];
    this.#jobs.clear();
    this.#terminate();
    for (const { reject } of jobs) reject(error);
  }

  #terminate(): void {
    this.#worker?.terminate();
    this.#worker = undefined;
  }
}
