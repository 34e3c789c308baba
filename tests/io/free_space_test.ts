import assert from "node:assert/strict";
import { findFreeBytes } from "../../src/io/free_space.ts";
import { tempDir } from "../testing/temp_dir.ts";

Deno.test("findFreeBytes() tells the room of a folder", async () => {
  await using dir = await tempDir();
  const free = await findFreeBytes(dir.path);
  assert.ok(free !== undefined && free > 0 && Number.isSafeInteger(free));
});

Deno.test("findFreeBytes() is undefined where it cannot be learnt", async () => {
  assert.equal(await findFreeBytes("/no/such/folder"), undefined);
});

Deno.test({
  name: "findFreeBytes() is undefined without the permission to ask",
  permissions: { read: true, write: true, sys: false },
  fn: async () => assert.equal(await findFreeBytes("/"), undefined),
});
