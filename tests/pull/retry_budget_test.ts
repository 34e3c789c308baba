import assert from "node:assert/strict";
import {
  DEFAULT_RETRY_BUDGET,
  progressQuantum,
  retryDelay,
} from "../../src/pull/retry_budget.ts";

Deno.test("retryDelay() grows threefold up to its limit, and ends with the budget", () => {
  const delays = [1, 2, 3, 4, 5, 6].map((failures) =>
    retryDelay(failures, 0.999999)
  );
  assert.deepEqual(delays, [200, 600, 1800, 5400, 15_000, undefined]);
});

Deno.test("retryDelay() spreads over the upper half of its range", () => {
  assert.equal(retryDelay(2, 0), 300);
  assert.equal(retryDelay(2, 0.5), 450);
});

Deno.test("retryDelay() refuses the first retry where none is allowed", () => {
  assert.equal(
    retryDelay(1, 0, { ...DEFAULT_RETRY_BUDGET, maxRetries: 0 }),
    undefined,
  );
});

Deno.test("progressQuantum() is a hundredth of the blob, from one byte to 64 KiB", () => {
  const cases: [number, number][] = [[0, 1], [1, 1], [100, 1], [101, 2], [
    10_000,
    100,
  ], [2 ** 30, 65_536]];
  for (const [size, quantum] of cases) {
    assert.equal(progressQuantum(size), quantum);
  }
});
