import assert from "node:assert/strict";
import {
  AuthError,
  IntegrityError,
  LocalError,
  NotFoundError,
  OperationError,
  UnavailableError,
} from "../../src/errors.ts";
import {
  type FailureKind,
  networkError,
} from "../../src/http/network_error.ts";
import {
  failureCost,
  failureReason,
  isRangeRefused,
} from "../../src/pull/failure.ts";
import {
  DEFAULT_RETRY_BUDGET,
  retryDelay,
} from "../../src/pull/retry_budget.ts";

const network = (kind: FailureKind) =>
  networkError(kind, "unreachable", new URL("http://host/"), "it is away");

const unavailable = (code: string, status?: number) =>
  new UnavailableError(code, 'Cannot read "host": it broke', {
    details: status === undefined ? {} : { status },
  });

Deno.test("failureCost() is low for a body that dies, higher before it, and none where it is of no use", () => {
  const cases: [unknown, "headers" | "body", number | undefined][] = [
    [unavailable("unreachable"), "body", 1],
    [unavailable("timeout"), "headers", 2],
    [unavailable("server-error"), "headers", 2],
    [network("reset"), "headers", 2],
    [network("refused"), "headers", 1],
    [network("lookup"), "headers", 1],
    [unavailable("rate-limited"), "headers", undefined],
    [unavailable("tls"), "headers", undefined],
    [new IntegrityError("size-mismatch", "x"), "headers", 2],
    [new IntegrityError("digest-unsupported", "x"), "headers", undefined],
    [new OperationError("protocol", "x"), "headers", 3],
    [new NotFoundError("not-found", "x"), "headers", undefined],
    [new AuthError("denied", "x"), "headers", undefined],
    [new LocalError("disk-full", "x"), "body", undefined],
    [new TypeError("a bug"), "body", undefined],
  ];
  for (const [error, phase, cost] of cases) {
    assert.equal(failureCost(error, phase), cost, String(error));
  }
});

Deno.test("a registry that is away in the middle of a blob is waited for, by default ten seconds or so", () => {
  const budget = { ...DEFAULT_RETRY_BUDGET, maxRetries: 4 };
  const cost = failureCost(network("refused"), "headers") ?? Infinity;
  let waitedMs = 0;
  // The body that died first is asked for again at once.
  for (let failures = 1 + cost;; failures += cost) {
    const delayMs = retryDelay(failures, 0.5, budget);
    if (delayMs === undefined) break;
    // Four waits of the transport, half of up to 200, 400, 800 and 1000 ms.
    waitedMs += 1_200 + delayMs;
  }
  assert.ok(waitedMs > 8_000 && waitedMs < 20_000, `${waitedMs}`);
});

Deno.test("isRangeRefused() tells a wrong answer from none", () => {
  assert.ok(isRangeRefused(unavailable("server-error", 206), "headers"));
  assert.ok(isRangeRefused(unavailable("server-error", 416), "headers"));
  assert.ok(
    isRangeRefused(new IntegrityError("size-mismatch", "x"), "headers"),
  );
  assert.ok(isRangeRefused(new OperationError("protocol", "x"), "headers"));
  assert.ok(!isRangeRefused(unavailable("server-error", 503), "headers"));
  assert.ok(!isRangeRefused(unavailable("unreachable"), "body"));
  assert.ok(!isRangeRefused(new TypeError("x"), "headers"));
});

Deno.test("failureReason() leaves out what names the blob again", () => {
  assert.equal(failureReason(unavailable("unreachable")), "it broke");
  assert.equal(failureReason(new Error("odd")), "Error: odd");
});
