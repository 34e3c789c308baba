/** How often and how soon a transfer that dies is taken up again. */
export interface RetryBudget {
  /** Failures in a row without progress that are forgiven. */
  readonly maxRetries: number;
  /** Wait after the first, in ms; three times as long after each further one. */
  readonly baseDelayMs: number;
  /** Longest wait, in ms. */
  readonly maxDelayMs: number;
}

/** What holds when nothing else is said: waits of about 0.2, 0.6, 1.8, 5.4 and 15 s. */
export const DEFAULT_RETRY_BUDGET: RetryBudget = {
  maxRetries: 5,
  baseDelayMs: 200,
  maxDelayMs: 15_000,
};

/**
 * Wait before the next attempt, or undefined when the budget is spent.
 *
 * @param failures Failures since the last progress, this one among them; 1 is the first.
 * @param random A number from 0 up to 1: many clients of one failed server must not come back together.
 */
export function retryDelay(
  failures: number,
  random: number,
  budget: RetryBudget = DEFAULT_RETRY_BUDGET,
): number | undefined {
  if (failures > budget.maxRetries) return undefined;
  const full = budget.baseDelayMs * 3 ** (failures - 1);
  return Math.round(Math.min(full, budget.maxDelayMs) * (0.5 + random / 2));
}

/**
 * Bytes that count as progress, so that a server which sends one byte and hangs
 * up is not asked for ever: a hundredth of the blob, at most 64 KiB.
 */
export function progressQuantum(size: number): number {
  return Math.min(65_536, Math.max(1, Math.ceil(size / 100)));
}
