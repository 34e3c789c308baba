import type { GrowingFile } from "../io/growing_file.ts";
import type {
  DecompressAnswer,
  DecompressRequest,
} from "./decompress_message.ts";

// `deno compile` needs to be told of it: --include src/unpack/decompress_worker.ts
const WORKER_URL = new URL("./decompress_worker.ts", import.meta.url);

/** Whether there is such a thread: a program that is bundled into one file has none. */
export function hasDecompressThread(): boolean {
  if (WORKER_URL.protocol !== "file:") return true;
  try {
    return Deno.lstatSync(WORKER_URL).isFile;
  } catch {
    // Not there, or not to be looked at: either way it can't be run.
    return false;
  }
}

/** The other thread, as it is seen from here. */
export class DecompressThread implements Disposable {
  readonly #worker = new Worker(WORKER_URL, {
    type: "module",
    name: "decompress",
  });
  readonly #answers = new Map<number, DecompressAnswer[]>();
  #jobs = 0;
  #wake: () => void = () => {};
  readonly #ended = new AbortController();
  #begun = false;
  #failure: { readonly reason: unknown } | undefined;

  constructor() {
    this.#worker.addEventListener("message", (event) => this.#onMessage(event));
    this.#worker.addEventListener("error", (event) => this.#onError(event));
  }

  /**
   * Queues a file.
   *
   * @param file Where it is still being written.
   * @returns the number to ask for its bytes by.
   */
  start(path: string, file?: GrowingFile): number {
    const job = this.#jobs++;
    this.#answers.set(job, []);
    this.#tell({ kind: "file", job, path, grows: file !== undefined });
    file?.watch(
      (growth) => this.#tell({ kind: "growth", job, growth }),
      this.#ended.signal,
    );
    return job;
  }

  /** The next answer; undefined where the thread could not even begin. */
  async next(job: number): Promise<DecompressAnswer | undefined> {
    while (true) {
      const answer = this.#answers.get(job)?.shift();
      if (answer !== undefined) return answer;
      if (this.#failure !== undefined && !this.#begun) return undefined;
      if (this.#failure !== undefined) throw this.#failure.reason;
      await new Promise<void>((resolve) => this.#wake = resolve);
    }
  }

  /** Gives a chunk's memory back for another. */
  giveBack(memory: ArrayBuffer): void {
    this.#tell({ kind: "used", memory }, [memory]);
  }

  [Symbol.dispose](): void {
    this.#ended.abort();
    this.#worker.terminate();
    this.#fail(new Error("the decompressing thread was ended"));
  }

  #tell(request: DecompressRequest, moved: Transferable[] = []): void {
    if (this.#failure === undefined) this.#worker.postMessage(request, moved);
  }

  #onMessage({ data }: MessageEvent<DecompressAnswer>): void {
    this.#begun = true;
    this.#answers.get(data.job)?.push(data);
    this.#wake();
  }

  #onError(event: ErrorEvent): void {
    // Or it would end the whole program.
    event.preventDefault();
    this.#fail(event.error ?? new Error(event.message));
  }

  #fail(reason: unknown): void {
    this.#failure ??= { reason };
    this.#wake();
  }
}
