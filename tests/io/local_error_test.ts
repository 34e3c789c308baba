import assert from "node:assert/strict";
import { IntegrityError, LocalError } from "../../src/errors.ts";
import {
  guardLocal,
  localCall,
  toLocalError,
} from "../../src/io/local_error.ts";

function systemError(code: string): Error {
  return Object.assign(new Error(`${code} happened (os error 1)`), { code });
}

const TABLE: readonly (readonly [unknown, string])[] = [
  [systemError("ENOSPC"), "disk-full"],
  [systemError("EDQUOT"), "disk-full"],
  [systemError("EFBIG"), "disk-full"],
  [systemError("EACCES"), "permission-denied"],
  [systemError("EROFS"), "permission-denied"],
  [systemError("EIO"), "io"],
  [systemError("EMFILE"), "io"],
  [systemError("EWHATEVER"), "io"],
  [new Deno.errors.PermissionDenied("no"), "permission-denied"],
  [new Deno.errors.NotCapable("no"), "permission-denied"],
  [new Deno.errors.NotFound("no"), "io"],
];

for (const [error, code] of TABLE) {
  const name = error instanceof Error ? error.message : "";
  Deno.test(`toLocalError() makes ${code} of "${name}"`, () => {
    const local = toLocalError(error, "write", "/some/path");
    assert.ok(local instanceof LocalError);
    assert.equal(local.code, code);
    assert.equal(local.exitCode, 7);
    assert.match(local.message, /^Cannot write "\/some\/path": \S/);
    assert.equal(local.cause, error);
    assert.equal(local.details["path"], "/some/path");
  });
}

Deno.test("toLocalError() leaves dray's errors and programmer's mistakes alone", () => {
  const own = new IntegrityError("digest-mismatch", "x");
  const ofNode = systemError("ERR_INVALID_ARG_TYPE");
  for (const error of [own, ofNode, new TypeError("x"), "text", undefined]) {
    assert.equal(toLocalError(error, "write", "/p"), error);
  }
});

Deno.test("guardLocal() and localCall() translate what the system says", async () => {
  const isNotFound = { code: "io", name: "LocalError" };
  assert.throws(
    () => guardLocal("read", "/p", () => Deno.readFileSync("/no/such/file")),
    isNotFound,
  );
  await assert.rejects(
    localCall("read", "/p", () => Deno.readFile("/no/such/file")),
    isNotFound,
  );
});
