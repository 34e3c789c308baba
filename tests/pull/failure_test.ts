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
  failureCost,
  failureReason,
  isRangeRefused,
} from "../../src/pull/failure.ts";

const unavailable = (code: string, status?: number) =>
  new UnavailableError(code, 'Cannot read "host": it broke', {
    details: status === undefined ? {} : { status },
  });

Deno.test("failureCost() is low for a body that dies, higher before it, and none where it is of no use", () => {
  const cases: [unknown, "headers" | "body", number | undefined][] = [
    [unavailable("unreachable"), "body", 1],
    [unavailable("timeout"), "headers", 2],
    [unavailable("server-error"), "headers", 2],
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
