/**
 * Runs work for each item at once; the first failure ends the rest.
 *
 * @returns the results, in the items' order, once all have ended.
 */
export async function runTogether<Item, Result>(
  items: readonly Item[],
  work: (item: Item, signal: AbortSignal) => Promise<Result>,
  outer?: AbortSignal,
): Promise<readonly Result[]> {
  const controller = new AbortController();
  const signal = outer === undefined
    ? controller.signal
    : AbortSignal.any([outer, controller.signal]);
  const running = items.map(async (item) => {
    try {
      return await work(item, signal);
    } catch (error) {
      controller.abort(error);
      throw error;
    }
  });
  await Promise.allSettled(running);
  signal.throwIfAborted();
  return await Promise.all(running);
}
