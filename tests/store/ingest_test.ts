import assert from "node:assert/strict";
import { Store } from "../../src/store/store.ts";
import { tempDir } from "../testing/temp_dir.ts";
import { randomBytes } from "../testing/test_bytes.ts";
import { testIngest } from "./ingest_conformance.ts";
import { keyOf } from "./stored_fixture.ts";

for (const sync of [true, false]) {
  testIngest(`of a store, sync ${sync}`, async () => {
    const dir = await tempDir();
    const store = await Store.open(dir.path, { sync });
    return {
      open: (descriptor, options) => store.openIngest(descriptor, options),
      put: (descriptor, bytes) => store.putBlob(descriptor, bytes),
      has: (descriptor) => store.hasBlob(descriptor),
      read: (digest) => Deno.readFile(store.blobPath(digest)),
      drop: (digest) => store.dropBlob(digest),
      async [Symbol.asyncDispose]() {
        await store[Symbol.asyncDispose]();
        await dir[Symbol.asyncDispose]();
      },
    };
  });
}

Deno.test({
  name: "commit() of a big blob hashes on a worker, with no more permissions",
  permissions: { read: true, write: true, env: true },
  fn: async () => {
    await using dir = await tempDir();
    await using store = await Store.open(dir.path, { sync: false });
    const bytes = randomBytes(66 << 20);
    for (const order of ["in order", "backwards"]) {
      await using ingest = await store.openIngest(keyOf(bytes));
      assert.ok(ingest);
      const starts = Array.from({ length: 66 }, (_, mib) => mib << 20);
      if (order === "backwards") starts.reverse();
      for (const start of starts) {
        await ingest.writeAt(start, bytes.subarray(start, start + (1 << 20)));
      }
      await ingest.commit();
      await store.dropBlob(keyOf(bytes).digest);
    }
  },
});

Deno.test("a commit leaves nothing in the ingest folder", async () => {
  await using dir = await tempDir();
  await using store = await Store.open(dir.path);
  const bytes = randomBytes(300_000);
  await using ingest = await store.openIngest(keyOf(bytes));
  assert.ok(ingest);
  await ingest.writeAt(200_000, bytes.subarray(200_000));
  await ingest.writeAt(0, bytes.subarray(0, 200_000));
  assert.equal(store.space.listPartials().length, 1);
  await ingest.commit();
  const left = [...Deno.readDirSync(dir.join("ingest"))]
    .map(({ name }) => name).filter((name) => !name.endsWith(".lock"));
  assert.deepEqual(left, []);
  assert.deepEqual(store.space.listPartials(), []);
});

Deno.test("listPartials() tells what a partial takes", async () => {
  await using dir = await tempDir();
  await using store = await Store.open(dir.path);
  const bytes = randomBytes(300_000);
  {
    await using ingest = await store.openIngest(keyOf(bytes));
    await ingest?.writeAt(0, bytes.subarray(0, 100_000));
  }
  const [partial, ...rest] = store.space.listPartials();
  assert.equal(rest.length, 0);
  assert.equal(partial?.digest, keyOf(bytes).digest);
  assert.ok(partial.bytes > 0 && partial.bytes < 200_000);
  assert.ok(partial.modifiedAtMs > 0);
});

Deno.test("openIngest() refuses a text that was only cast to a digest", async () => {
  await using dir = await tempDir();
  await using store = await Store.open(dir.path);
  const digest = "sha256:../../../etc/passwd" as const;
  await assert.rejects(store.openIngest({ digest, size: 1 }), TypeError);
  assert.throws(() => store.blobPath(digest), TypeError);
});
