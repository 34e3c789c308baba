/**
 * Lets signals, timers and the network have their turn, in the middle of work that never waits.
 *
 * @throws What the signal was aborted with.
 */
export async function nextTurn(signal?: AbortSignal): Promise<void> {
  await new Promise((resolve) => setTimeout(resolve));
  signal?.throwIfAborted();
}
