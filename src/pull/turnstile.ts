import { BlobOrder } from "./blob_order.ts";

/** Leave to work at a blob. */
export interface Turn extends Disposable {
  /** It needs no connection any more, though its file is still open. */
  end(): void;
}

interface Waiter {
  readonly size: number;
  readonly resolve: (turn: Turn) => void;
}

/** Blobs whose files may be open, over what there are connections for: they are being committed. */
const COMMITTING = 48;
/** Blobs that are ready for the next connection to fall idle. */
const READY = 2;

/** Lets blobs begin in a good order, and no more at a time than makes sense. */
export class Turnstile {
  readonly #connections: number;
  readonly #order = new BlobOrder<Waiter>();
  /** Sizes of the blobs at work. */
  readonly #working = new Set<{ readonly size: number }>();
  #open = 0;

  /** @param connections Requests at a time. */
  constructor(connections: number) {
    this.#connections = connections;
  }

  /** Blobs that wait for their turn. */
  get waiting(): number {
    return this.#order.length;
  }

  /** Waits for a blob's turn. */
  enter(size: number, signal: AbortSignal): Promise<Turn> {
    const { promise, resolve, reject } = Promise.withResolvers<Turn>();
    if (signal.aborted) {
      reject(signal.reason);
      return promise;
    }
    const stop = () => {
      this.#order.remove(waiter);
      reject(signal.reason);
    };
    const waiter: Waiter = {
      size,
      resolve: (turn) => {
        signal.removeEventListener("abort", stop);
        resolve(turn);
      },
    };
    signal.addEventListener("abort", stop, { once: true });
    this.#order.add(waiter, size);
    // All that are asked for in one go are compared before the first begins.
    queueMicrotask(() => this.#admit());
    return promise;
  }

  #admit(): void {
    while (
      this.#working.size < this.#connections + READY &&
      this.#open < this.#connections + COMMITTING
    ) {
      const largest = Math.max(
        0,
        ...[...this.#working].map(({ size }) => size),
      );
      const waiter = this.#order.take(largest, this.#connections);
      if (waiter === undefined) return;
      waiter.resolve(this.#turn(waiter.size));
    }
  }

  #turn(size: number): Turn {
    const work = { size };
    this.#working.add(work);
    this.#open++;
    let isOpen = true;
    return {
      end: () => {
        if (this.#working.delete(work)) this.#admit();
      },
      [Symbol.dispose]: () => {
        if (!isOpen) return;
        isOpen = false;
        this.#open--;
        this.#working.delete(work);
        this.#admit();
      },
    };
  }
}
