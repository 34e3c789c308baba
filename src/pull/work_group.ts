/** Work that fails together: the first failure ends the rest, and nothing goes on behind its back. */
export class WorkGroup {
  /** Ends with the outer signal, or with the first failure. */
  readonly signal: AbortSignal;
  readonly #controller = new AbortController();
  readonly #later: Promise<void>[] = [];

  /** @param outer Ends all of the work from outside. */
  constructor(outer?: AbortSignal) {
    const own = this.#controller.signal;
    this.signal = outer === undefined ? own : AbortSignal.any([outer, own]);
  }

  /** Waits for all, in order; throws the first failure once every one has ended. */
  async all<T>(work: readonly Promise<T>[]): Promise<T[]> {
    const watched = work.map((one) => {
      one.catch((error) => this.#controller.abort(error));
      return one;
    });
    await Promise.allSettled(watched);
    this.signal.throwIfAborted();
    return await Promise.all(watched);
  }

  /** Takes work that nobody waits for until {@linkcode finish}. */
  later(work: Promise<void>): void {
    work.catch((error) => this.#controller.abort(error));
    this.#later.push(work);
  }

  /** Waits for what was put off. */
  async finish(): Promise<void> {
    await this.all(this.#later);
  }

  /** Ends everything; waits until it has ended. */
  async fail(error: unknown): Promise<void> {
    this.#controller.abort(error);
    await Promise.allSettled(this.#later);
  }
}
