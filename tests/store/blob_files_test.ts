import assert from "node:assert/strict";
import { openLock } from "../../src/io/file_lock.ts";
import { lockPath } from "../../src/store/layout.ts";
import { Store } from "../../src/store/store.ts";
import { tempDir } from "../testing/temp_dir.ts";
import { randomBytes } from "../testing/test_bytes.ts";
import { keyOf } from "./stored_fixture.ts";

const BYTES = randomBytes(100_000);
const KEY = keyOf(BYTES);
const MAX = { maxBytes: 1 << 20 };

Deno.test("readBlob() and readBlobBytes() give a committed blob back", async () => {
  await using dir = await tempDir();
  await using store = await Store.open(dir.path);
  await store.putBlob(KEY, BYTES);
  assert.deepEqual(await store.readBlobBytes(KEY, MAX), BYTES);
  const stream = await store.readBlob(KEY.digest);
  assert.deepEqual(await new Response(stream).bytes(), BYTES);
});

Deno.test("hasBlob() wants the size that was asked for", async () => {
  await using dir = await tempDir();
  await using store = await Store.open(dir.path);
  await store.putBlob(KEY, BYTES);
  const { digest, size } = KEY;
  assert.equal(await store.hasBlob({ digest }), true);
  assert.equal(await store.hasBlob({ digest, size }), true);
  assert.equal(await store.hasBlob({ digest, size: size + 1 }), false);
  await Deno.truncate(store.blobPath(digest), 5);
  assert.equal(await store.hasBlob({ digest, size }), false);
  // So the next pull puts a sound one in its place.
  await store.putBlob(KEY, BYTES);
  assert.equal(await store.hasBlob(KEY), true);
});

for (const algorithm of ["sha256", "sha512"] as const) {
  Deno.test(`findBlobs() tells of few and of many blobs what hasBlob() does (${algorithm})`, async () => {
    await using dir = await tempDir();
    await using store = await Store.open(dir.path, { sync: false });
    const all = Array.from({ length: 100 }, (_, seed) => {
      const bytes = randomBytes(10, seed);
      return { ...keyOf(bytes, algorithm), bytes };
    });
    const [sound, short, link, folder, ...absent] = all;
    assert.ok(sound && short && link && folder);
    await store.putBlob(sound, sound.bytes);
    await store.putBlob(short, short.bytes);
    await Deno.truncate(store.blobPath(short.digest), 5);
    await Deno.symlink(
      store.blobPath(sound.digest),
      store.blobPath(link.digest),
    );
    await Deno.mkdir(store.blobPath(folder.digest));
    for (const asked of [[sound, short, link, folder], absent, all]) {
      const here = store.findBlobs(asked);
      for (const blob of asked) {
        assert.equal(here.has(blob.digest), await store.hasBlob(blob));
      }
      assert.equal(here.size, asked === absent ? 0 : 1);
    }
  });
}

Deno.test("findBlobs() finds nothing where there is no folder", async () => {
  await using dir = await tempDir();
  await using store = await Store.open(dir.path, { sync: false });
  await Deno.remove(dir.join("blobs"), { recursive: true });
  const asked = Array.from({ length: 100 }, () => KEY);
  assert.equal(store.findBlobs(asked).size, 0);
});

Deno.test("reading a blob that is not there is not-in-store", async () => {
  await using dir = await tempDir();
  await using store = await Store.open(dir.path);
  const absent = { name: "NotFoundError", code: "not-in-store", exitCode: 3 };
  await assert.rejects(store.readBlob(KEY.digest), absent);
  await assert.rejects(store.readBlobBytes(KEY, MAX), absent);
});

Deno.test("readBlobBytes() trusts neither length nor content", async () => {
  await using dir = await tempDir();
  await using store = await Store.open(dir.path);
  await store.putBlob(KEY, BYTES);
  const { digest, size } = KEY;
  await assert.rejects(
    store.readBlobBytes({ digest, size: size - 1 }, MAX),
    { code: "size-mismatch" },
  );
  await assert.rejects(
    store.readBlobBytes({ digest }, { maxBytes: size - 1 }),
    { code: "document-too-large" },
  );
  await Deno.writeFile(store.blobPath(digest), randomBytes(size, 9));
  await assert.rejects(store.readBlobBytes(KEY, MAX), {
    name: "IntegrityError",
    code: "digest-mismatch",
    exitCode: 6,
  });
});

Deno.test("dropBlob() takes a blob out, and one that is not there is no failure", async () => {
  await using dir = await tempDir();
  await using store = await Store.open(dir.path);
  await store.putBlob(KEY, BYTES);
  await store.dropBlob(KEY.digest);
  await store.dropBlob(KEY.digest);
  assert.equal(await store.hasBlob(KEY), false);
});

Deno.test("retain() is shared, and keeps an exclusive holder out until all give back", async () => {
  await using dir = await tempDir();
  await using store = await Store.open(dir.path);
  await using other = await Store.open(dir.path);
  const first = await store.retain();
  const second = await other.retain();
  const waits = Promise.withResolvers<void>();
  let isRemoving = false;
  const removing = openLock(lockPath(dir.path, "content"), {
    onWait: waits.resolve,
  }).then((lock) => {
    isRemoving = true;
    return lock;
  });
  await waits.promise;
  await first[Symbol.asyncDispose]();
  assert.equal(isRemoving, false);
  await second[Symbol.asyncDispose]();
  await using _lock = await removing;
  const abort = new AbortController();
  await assert.rejects(
    store.retain({
      signal: abort.signal,
      onWait: () => abort.abort(new Error("waits for the prune")),
    }),
    /waits for the prune/,
  );
});

Deno.test("freeBytes() tells the room that is left", async () => {
  await using dir = await tempDir();
  await using store = await Store.open(dir.path);
  assert.ok((await store.space.freeBytes() ?? 0) > 0);
});
