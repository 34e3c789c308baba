import assert from "node:assert/strict";
import { IntegrityError } from "../../src/errors.ts";
import { parseDescriptor } from "../../src/spec/descriptor.ts";
import { DIGEST } from "./arbitraries.ts";
import { LAYER } from "./documents.ts";

Deno.test("parseDescriptor() drops members that it doesn't know, and nulls", () => {
  const value = { ...LAYER, urls: null, data: null, platform: null, x: 1 };
  assert.deepEqual(parseDescriptor(value, "index.json, manifests[0]"), LAYER);
});

Deno.test("parseDescriptor() names the place it was given", () => {
  assert.throws(
    () => parseDescriptor({ ...LAYER, size: -1 }, "index.json, manifests[0]"),
    (error) => {
      assert(error instanceof IntegrityError);
      assert.equal(error.code, "document-invalid");
      assert.equal(
        error.message,
        "Cannot read index.json, manifests[0]: size is -1, where a whole number from 0 is expected",
      );
      return true;
    },
  );
});

Deno.test("parseDescriptor() throws only IntegrityError when the value is no object", () => {
  for (const value of [undefined, null, 1, "x", [], [LAYER], true]) {
    assert.throws(() => parseDescriptor(value, "x"), IntegrityError);
  }
});

Deno.test("parseDescriptor() doesn't take members from a prototype", () => {
  const value = Object.create({ mediaType: "x/y", digest: DIGEST, size: 1 });
  assert.throws(() => parseDescriptor(value, "x"), /mediaType is missing/);
});
