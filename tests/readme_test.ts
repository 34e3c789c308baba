import assert from "node:assert/strict";

const TESTS = new URL("./", import.meta.url);

Deno.test("every test that the README names as a proof is there", async () => {
  const text = await Deno.readTextFile(new URL("../README.md", TESTS));
  const named = new Set(
    [...text.matchAll(/`([\w/]+_test\.ts)`/g)].map(([, path = ""]) => path),
  );
  assert.ok(named.size > 10);
  for (const path of named) {
    assert.ok((await Deno.stat(new URL(path, TESTS))).isFile, path);
  }
});
