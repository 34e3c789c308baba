import { deepEqual, equal } from "node:assert/strict";
import fc from "fast-check";
import type { FailureKind } from "../../src/http/network_error.ts";
import {
  nextDelay,
  type Outcome,
  type RetryPolicy,
} from "../../src/http/retry_policy.ts";

const POLICY: RetryPolicy = {
  maxAttempts: 5,
  maxRetryAfterMs: 300_000,
  random: () => 1,
};

function waits(outcome: Outcome, policy = POLICY): readonly number[] {
  const delays: number[] = [];
  for (let attempt = 1; attempt < 20; attempt++) {
    const decision = nextDelay(attempt, outcome, policy);
    if ("stop" in decision) break;
    delays.push(decision.delayMs);
  }
  return delays;
}

Deno.test("nextDelay() doubles the wait with each attempt, and gives up after the last", () => {
  deepEqual(waits({ kind: "status", status: 503 }), [500, 1000, 2000, 4000]);
  deepEqual(
    waits({ kind: "status", status: 503 }, { ...POLICY, maxAttempts: 8 }),
    [500, 1000, 2000, 4000, 8000, 10_000, 10_000],
  );
  deepEqual(
    waits({ kind: "status", status: 503 }, { ...POLICY, maxAttempts: 1 }),
    [],
  );
  deepEqual(nextDelay(5, { kind: "status", status: 503 }, POLICY), {
    stop: "exhausted",
  });
});

Deno.test("nextDelay() retries the statuses that pass, and no others", () => {
  const retried = Array.from({ length: 600 }, (_, status) => status)
    .filter((status) =>
      "delayMs" in nextDelay(1, { kind: "status", status }, POLICY)
    );
  deepEqual(retried, [408, 429, 500, 502, 503, 504]);
  deepEqual(nextDelay(1, { kind: "status", status: 401 }, POLICY), {
    stop: "final",
  });
});

Deno.test("nextDelay() retries failures that pass: refused ones within seconds, timeouts seldom", () => {
  const cases: readonly (readonly [FailureKind, readonly number[]])[] = [
    ["refused", [200, 400, 800, 1000]],
    ["lookup", [200, 400, 800, 1000]],
    ["handshake", [200, 400, 800, 1000]],
    ["proxy", [200, 400, 800, 1000]],
    ["reset", [500, 1000, 2000, 4000]],
    ["timeout", [500, 1000]],
    ["unknown-host", []],
    ["certificate", []],
    ["not-tls", []],
    ["blocked", []],
  ];
  for (const [failure, expected] of cases) {
    deepEqual(waits({ kind: "failure", failure }), expected, failure);
  }
});

Deno.test("nextDelay() waits as long as the host asks, and makes all wait", () => {
  deepEqual(
    nextDelay(1, { kind: "status", status: 429, retryAfterMs: 37_000 }, POLICY),
    { delayMs: 37_000, reason: "rate limited", hostWide: true },
  );
  deepEqual(
    nextDelay(1, { kind: "status", status: 503, retryAfterMs: 37_000 }, POLICY),
    { delayMs: 37_000, reason: "HTTP 503", hostWide: true },
  );
  deepEqual(nextDelay(1, { kind: "status", status: 429 }, POLICY), {
    delayMs: 500,
    reason: "rate limited",
    hostWide: true,
  });
  deepEqual(nextDelay(1, { kind: "status", status: 503 }, POLICY), {
    delayMs: 500,
    reason: "HTTP 503",
    hostWide: false,
  });
});

Deno.test("nextDelay() leaves what it can to chance, but not the patience with a host that limits the rate", () => {
  const bounds = [[500, 0, 500], [429, 250, 500], [503, 0, 500]] as const;
  for (const [status, least, most] of bounds) {
    const delays = [0, 1].map((random) =>
      waits({ kind: "status", status }, { ...POLICY, random: () => random })[0]
    );
    deepEqual(delays, [least, most], String(status));
  }
});

Deno.test("nextDelay() stops where the host asks for too long a wait", () => {
  deepEqual(
    nextDelay(
      1,
      { kind: "status", status: 429, retryAfterMs: 300_001 },
      POLICY,
    ),
    { stop: "too-long", waitMs: 300_001, reason: "rate limited" },
  );
  equal(
    "delayMs" in
      nextDelay(
        1,
        { kind: "status", status: 429, retryAfterMs: 300_000 },
        POLICY,
      ),
    true,
  );
  deepEqual(
    nextDelay(
      1,
      { kind: "status", status: 404, retryAfterMs: 300_001 },
      POLICY,
    ),
    { stop: "final" },
  );
});

Deno.test("nextDelay() never waits longer than it may", () => {
  const outcome: fc.Arbitrary<Outcome> = fc.record({
    kind: fc.constant("status" as const),
    status: fc.constantFrom(429, 500, 503),
    retryAfterMs: fc.option(fc.nat(), { nil: undefined }),
  });
  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: 2000 }),
      outcome,
      fc.float({ min: 0, max: 1, noNaN: true }),
      (attempt, outcome, random) => {
        const decision = nextDelay(attempt, outcome, {
          ...POLICY,
          maxAttempts: 5000,
          random: () => random,
        });
        equal(
          "stop" in decision ||
            (decision.delayMs >= 0 && decision.delayMs <= 300_000),
          true,
        );
      },
    ),
  );
});
