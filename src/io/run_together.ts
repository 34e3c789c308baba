/** How {@linkcode runTogether} runs. */
export interface RunTogetherOptions {
  /** Ends it; its reason is thrown. */
  readonly signal?: AbortSignal | undefined;
  /** Items at a time. Default: all. */
  readonly limit?: number | undefined;
}

/**
 * Runs work for each item, several at once; the first failure ends the rest.
 *
 * @returns the results, in the items' order, once all have ended.
 * @throws The first failure, once all have ended.
 */
export async function runTogether<Item, Result>(
  items: readonly Item[],
  work: (item: Item, signal: AbortSignal) => Promise<Result>,
  { signal: outer, limit = items.length }: RunTogetherOptions = {},
): Promise<readonly Result[]> {
  const controller = new AbortController();
  const signal = outer === undefined
    ? controller.signal
    : AbortSignal.any([outer, controller.signal]);
  const results: Result[] = [];
  const queue = items.entries();
  const workThrough = async (): Promise<void> => {
    for (const [position, item] of queue) {
      if (signal.aborted) return;
      try {
        results[position] = await work(item, signal);
      } catch (error) {
        controller.abort(error);
      }
    }
  };
  const count = Math.min(limit, items.length);
  await Promise.all(Array.from({ length: count }, workThrough));
  signal.throwIfAborted();
  return results;
}
