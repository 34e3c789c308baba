import assert from "node:assert/strict";
import { checkIntegrity } from "../../.build/fetch_deno.ts";
import { IntegrityError } from "../../src/errors.ts";

Deno.test("checkIntegrity() throws, and says where to mend it, when a package is another", () => {
  checkIntegrity("deno@1", "sha512-a", "sha512-a");
  assert.throws(
    () => checkIntegrity("deno@1", "sha512-b", "sha512-a"),
    (error) => {
      assert(error instanceof IntegrityError);
      assert.equal(
        error.message,
        'Cannot use "deno@1": its integrity is sha512-b, not sha512-a',
      );
      assert.match(error.hint ?? "", /targets\.ts/);
      return true;
    },
  );
});
