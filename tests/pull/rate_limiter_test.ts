import assert from "node:assert/strict";
import { RateLimiter } from "../../src/pull/rate_limiter.ts";

/** A clock that sleeping moves. */
function fakeClock(): {
  now: () => number;
  sleep: (ms: number) => Promise<void>;
  at: number;
} {
  const clock = {
    at: 0,
    now: () => clock.at,
    sleep: (ms: number) => {
      clock.at += ms;
      return Promise.resolve();
    },
  };
  return clock;
}

Deno.test("RateLimiter holds one connection to its rate", async () => {
  const clock = fakeClock();
  const limiter = new RateLimiter({ bytesPerSecond: 1000, ...clock });
  for (let i = 0; i < 100; i++) await limiter.take(100);
  // 10,000 bytes, less the burst of 100 ms.
  assert.equal(clock.at, 9900);
});

Deno.test("RateLimiter is shared: two takers wait for each other's bytes", async () => {
  const slept: number[] = [];
  const sleep = (ms: number) => {
    slept.push(ms);
    return Promise.resolve();
  };
  const limiter = new RateLimiter({
    bytesPerSecond: 1000,
    now: () => 0,
    sleep,
  });
  await Promise.all([limiter.take(600), limiter.take(600)]);
  assert.deepEqual(slept, [500, 1100]);
});

Deno.test("RateLimiter saves up no more than its burst while nobody takes", async () => {
  const clock = fakeClock();
  const limiter = new RateLimiter({ bytesPerSecond: 1000, ...clock });
  clock.at = 3_600_000;
  await limiter.take(1100);
  assert.equal(clock.at, 3_601_000);
});

Deno.test("RateLimiter.readSize is a sixteenth of a second, at least 4 KiB", () => {
  assert.equal(
    new RateLimiter({ bytesPerSecond: 16_000_000 }).readSize,
    1_000_000,
  );
  assert.equal(new RateLimiter({ bytesPerSecond: 10 }).readSize, 4096);
});

Deno.test("RateLimiter.take() ends with the signal", async () => {
  const limiter = new RateLimiter({ bytesPerSecond: 1 });
  const controller = new AbortController();
  const taking = limiter.take(1000, controller.signal);
  const reason = new Error("enough");
  controller.abort(reason);
  await assert.rejects(taking, reason);
});

Deno.test("RateLimiter refuses a rate that is not positive", () => {
  for (const bytesPerSecond of [0, -1, NaN]) {
    assert.throws(() => new RateLimiter({ bytesPerSecond }), RangeError);
  }
});
