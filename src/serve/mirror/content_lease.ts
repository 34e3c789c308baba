import type { FileLock } from "../../io/file_lock.ts";
import type { Store } from "../../store/store.ts";

/** Options of {@linkcode ContentLease}. */
export interface ContentLeaseOptions {
  /** How long content stays once nobody uses it, in ms. Default: 30,000. */
  readonly idleMs?: number;
}

const DEFAULT_IDLE_MS = 30_000;

/**
 * Keeps a prune away from what a mirror has fetched and not recorded yet: while anything is on
 * its way, and for a while after, in which a client asks for the next blob of its image.
 */
export class ContentLease implements AsyncDisposable {
  readonly #store: Pick<Store, "retain">;
  readonly #idleMs: number;
  readonly #stop = new AbortController();
  #lock: Promise<FileLock> | undefined;
  #users = 0;
  #timer: ReturnType<typeof setTimeout> | undefined;

  /** Nothing is kept yet. */
  constructor(
    store: Pick<Store, "retain">,
    { idleMs = DEFAULT_IDLE_MS }: ContentLeaseOptions = {},
  ) {
    this.#store = store;
    this.#idleMs = idleMs;
  }

  /** Runs work with the content kept, once a prune under way has ended. */
  async keepDuring<T>(work: () => Promise<T>): Promise<T> {
    clearTimeout(this.#timer);
    this.#users++;
    try {
      await this.#acquire();
      return await work();
    } finally {
      if (--this.#users === 0 && !this.#stop.signal.aborted) {
        this.#timer = setTimeout(() => void this.#release(), this.#idleMs);
      }
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#stop.abort(new DOMException("The mirror stops", "AbortError"));
    clearTimeout(this.#timer);
    await this.#release();
  }

  async #acquire(): Promise<void> {
    const lock = this.#lock ??= this.#store.retain({
      signal: this.#stop.signal,
    });
    try {
      await lock;
    } catch (error) {
      if (this.#lock === lock) this.#lock = undefined;
      throw error;
    }
  }

  async #release(): Promise<void> {
    const lock = this.#lock;
    this.#lock = undefined;
    const [held] = await Promise.allSettled([lock]);
    if (held.status === "fulfilled") await held.value?.[Symbol.asyncDispose]();
  }
}
