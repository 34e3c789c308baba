/**
 * One piece of work that several callers wait for. A caller that gives up
 * leaves the others alone; when the last one has, the work is aborted.
 */
interface Flight<T> {
  readonly result: Promise<T>;
  readonly controller: AbortController;
  waiters: number;
}

/** Runs work of the same key once at a time, shared by everybody who asks for it meanwhile. */
export class SingleFlight<T> {
  readonly #flights = new Map<string, Flight<T>>();

  /**
   * The result of the work that is under way for `key`, else of `start`.
   *
   * @param start Gets the signal that ends the work when nobody waits any more.
   * @param signal Ends this caller's wait.
   */
  async run(
    key: string,
    start: (signal: AbortSignal) => Promise<T>,
    signal?: AbortSignal,
  ): Promise<T> {
    signal?.throwIfAborted();
    const flight = this.#flights.get(key) ?? this.#takeOff(key, start);
    flight.waiters++;
    try {
      return await orAborted(flight.result, signal);
    } finally {
      flight.waiters--;
      if (flight.waiters === 0) this.#land(key, flight);
    }
  }

  #takeOff(key: string, start: (signal: AbortSignal) => Promise<T>): Flight<T> {
    const controller = new AbortController();
    const result = start(controller.signal);
    const flight: Flight<T> = { result, controller, waiters: 0 };
    this.#flights.set(key, flight);
    const land = () => this.#land(key, flight);
    result.then(land, land);
    return flight;
  }

  /** Whoever comes after this starts anew. Aborting work that is done does nothing. */
  #land(key: string, flight: Flight<T>): void {
    if (this.#flights.get(key) === flight) this.#flights.delete(key);
    if (flight.waiters === 0) flight.controller.abort();
  }
}

function orAborted<T>(
  work: Promise<T>,
  signal: AbortSignal | undefined,
): Promise<T> {
  if (signal === undefined) return work;
  return new Promise<T>((resolve, reject) => {
    const abort = () => reject(signal.reason);
    signal.addEventListener("abort", abort, { once: true });
    work.then(resolve, reject).finally(() =>
      signal.removeEventListener("abort", abort)
    );
  });
}
