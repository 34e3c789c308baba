import { clearImmediate, setImmediate } from "node:timers";

/** One of the connections that a pool allows; given back by {@linkcode Lease.release}. */
export interface Lease extends Disposable {
  /** Gives the connection back; further calls do nothing. */
  release(): void;
}

/** Settings of {@linkcode ConnectionPool}. */
export interface ConnectionPoolOptions {
  /**
   * Turns of the event loop for which a connection that was given back is lent
   * to nobody. An HTTP client has it back only then (measured on Deno 2.9: two);
   * asked sooner, it opens another. Default 0.
   */
  readonly restTurns?: number;
  /** Monotonic clock, ms. Default `performance.now`. */
  readonly now?: () => number;
}

/**
 * No connection takes longer to open, as far as the others wait for it, in ms: three round trips
 * to another continent. A first request that was slow for other reasons must not cost more.
 */
const MAX_OPENING_MS = 300;

interface Waiter {
  readonly grant: (lease: Lease) => void;
}

/**
 * Counts requests in flight over everything that shares it. Documents wait in
 * line with {@linkcode acquire} and go before blobs, which take what is left
 * with {@linkcode tryAcquire}.
 */
export class ConnectionPool implements Disposable {
  /** Most requests at a time. */
  readonly max: number;
  readonly #restTurns: number;
  /** For each connection that rests the turn in which it may be lent again, the first one first. */
  readonly #resting: number[] = [];
  #turns = 0;
  #nextTurn: ReturnType<typeof setImmediate> | undefined;
  #inUse = 0;
  /** Most that were in use at a time: so many are open, or about to be. */
  #opened = 0;
  readonly #now: () => number;
  /** When the last of them began to be opened. */
  #openingAtMs = -Infinity;
  /** What the very first request took, its connection's opening included. */
  #firstMs: number | undefined;
  /** Of those that rest until others are open. */
  readonly #pauses = new Set<ReturnType<typeof setTimeout>>();
  readonly #waiters: Waiter[] = [];
  readonly #listeners = new Set<() => void>();

  /**
   * A pool of which no connection is in use.
   *
   * @param max Requests at a time.
   * @throws RangeError on a bound that is not a positive integer.
   */
  constructor(max: number, options: ConnectionPoolOptions = {}) {
    if (!Number.isSafeInteger(max) || max < 1) {
      throw new RangeError(
        `Cannot allow ${max} connections: at least 1 is needed`,
      );
    }
    this.max = max;
    this.#restTurns = options.restTurns ?? 0;
    this.#now = options.now ?? (() => performance.now());
  }

  /** Connections that nobody uses or waits for. */
  get idle(): number {
    return this.#waiters.length > 0 ? 0 : this.#free;
  }

  /**
   * Not those that nobody has opened yet while another rests: an HTTP client that opens one takes
   * the one that comes back instead, and has one too many in the end.
   */
  get #free(): number {
    const rests = this.#resting.length + this.#pauses.size > 0;
    return (rests ? this.#opened : this.max) - this.#inUse;
  }

  /** A connection now, or undefined. */
  tryAcquire(): Lease | undefined {
    return this.idle > 0 ? this.#lease() : undefined;
  }

  /** A connection as soon as there is one, first come first served. */
  acquire(signal?: AbortSignal): Promise<Lease> {
    const { promise, resolve, reject } = Promise.withResolvers<Lease>();
    if (signal?.aborted) {
      reject(signal.reason);
      return promise;
    }
    if (this.idle > 0) {
      resolve(this.#lease());
      return promise;
    }
    const stop = () => {
      this.#waiters.splice(this.#waiters.indexOf(waiter), 1);
      reject(signal?.reason);
    };
    const waiter: Waiter = {
      grant: (lease) => {
        signal?.removeEventListener("abort", stop);
        resolve(lease);
      },
    };
    this.#waiters.push(waiter);
    signal?.addEventListener("abort", stop, { once: true });
    return promise;
  }

  /** Runs `task` on a connection of the pool. */
  async run<T>(task: () => Promise<T>, signal?: AbortSignal): Promise<T> {
    using _lease = await this.acquire(signal);
    return await task();
  }

  /** Tells `listener` whenever a connection falls idle; returns what ends that. */
  onIdle(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => void this.#listeners.delete(listener);
  }

  /** Wakes nobody any more; no connection may be lent. */
  [Symbol.dispose](): void {
    clearImmediate(this.#nextTurn);
    this.#nextTurn = undefined;
    this.#resting.length = 0;
    for (const timer of this.#pauses) clearTimeout(timer);
    this.#pauses.clear();
  }

  #lease(): Lease {
    const startMs = this.#now();
    if (++this.#inUse > this.#opened) {
      this.#opened = this.#inUse;
      this.#openingAtMs = startMs;
    }
    let released = false;
    const release = () => {
      if (released) return;
      released = true;
      if (this.#restTurns === 0) this.#takeBack();
      else this.#pause(this.#now() - startMs);
    };
    return { release, [Symbol.dispose]: release };
  }

  /**
   * While others are being opened, a client gives the connection that comes back to a request that
   * waits for one of those, and opens that all the same: lent again now, it would make one too
   * many. How long opening takes is told by the first request, less what this one took.
   */
  #pause(tookMs: number): void {
    this.#firstMs ??= tookMs;
    const openingMs = Math.min(this.#firstMs - tookMs, MAX_OPENING_MS);
    const restMs = this.#openingAtMs + openingMs - this.#now();
    if (restMs <= 0) return this.#rest();
    const timer = setTimeout(() => {
      this.#pauses.delete(timer);
      this.#rest();
    }, restMs);
    this.#pauses.add(timer);
  }

  #rest(): void {
    this.#resting.push(this.#turns + this.#restTurns);
    this.#nextTurn ??= setImmediate(() => this.#onTurn());
  }

  /** One for all that rest: they are as many as there are requests. */
  #onTurn(): void {
    this.#turns++;
    this.#nextTurn = undefined;
    while ((this.#resting[0] ?? Infinity) <= this.#turns) {
      this.#resting.shift();
      this.#takeBack();
    }
    if (this.#resting.length === 0) return;
    this.#nextTurn ??= setImmediate(() => this.#onTurn());
  }

  #takeBack(): void {
    this.#inUse--;
    this.#pass();
  }

  #pass(): void {
    while (this.#free > 0) {
      const waiter = this.#waiters.shift();
      if (waiter === undefined) break;
      waiter.grant(this.#lease());
    }
    if (this.idle === 0) return;
    for (const listener of this.#listeners) listener();
  }
}
