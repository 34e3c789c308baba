/**
 * Blobs that wait for their first connection. One connection is always at the
 * largest, which decides when the run ends; the others take the smallest, so
 * that none of those waits behind a large one.
 */
export class BlobOrder<T> {
  /** Smallest first. */
  readonly #waiting: { readonly item: T; readonly size: number }[] = [];

  get length(): number {
    return this.#waiting.length;
  }

  /** Adds a blob of `size` bytes; among equals the first to come is the first to go. */
  add(item: T, size: number): void {
    let low = 0;
    let high = this.#waiting.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if ((this.#waiting[middle]?.size ?? 0) <= size) low = middle + 1;
      else high = middle;
    }
    this.#waiting.splice(low, 0, { item, size });
  }

  /** Forgets a blob, if it still waits. */
  remove(item: T): void {
    const at = this.#waiting.findIndex((entry) => entry.item === item);
    if (at >= 0) this.#waiting.splice(at, 1);
  }

  /**
   * Takes the next blob.
   *
   * @param largestInWork Size of the largest blob that has a connection, in bytes.
   * @param connections Connections in all; with a single one it is smallest first.
   */
  take(largestInWork: number, connections: number): T | undefined {
    const largest = this.#waiting.at(-1);
    const alone = largest !== undefined && largest.size > largestInWork;
    const next = alone && connections > 1
      ? this.#waiting.pop()
      : this.#waiting.shift();
    return next?.item;
  }
}
