import assert from "node:assert/strict";
import { FileBlobs } from "../../src/store/file_blobs.ts";
import { Store } from "../../src/store/store.ts";
import { type TempDir, tempDir } from "../testing/temp_dir.ts";
import { keyOf } from "./stored_fixture.ts";

const one = new Uint8Array([1]);
const two = new Uint8Array([2]);

/** Blobs whose folders are made safe only when a gate is open. */
async function openBlobs(dir: TempDir) {
  await using _made = await Store.open(dir.path);
  const blobs = new FileBlobs(dir.path, { sync: true });
  const gate = Promise.withResolvers<void>();
  const { sync } = Deno.FsFile.prototype;
  let syncs = 0;
  Deno.FsFile.prototype.sync = async function (): Promise<void> {
    syncs++;
    await gate.promise;
    return await sync.call(this);
  };
  return {
    blobs,
    open: gate.resolve,
    get syncs() {
      return syncs;
    },
    async [Symbol.asyncDispose]() {
      gate.resolve();
      await blobs[Symbol.asyncDispose]();
      Deno.FsFile.prototype.sync = sync;
    },
  };
}

Deno.test("FileBlobs.syncNames() makes a name safe that came after another's", async () => {
  await using dir = await tempDir();
  await using opened = await openBlobs(dir);
  const { blobs } = opened;
  opened.open();
  await using ingest = await blobs.openIngest(keyOf(one));
  assert.ok(ingest);
  await ingest.writeAt(0, one);
  await blobs.put(keyOf(two), two);
  await blobs.syncNames();
  const before = opened.syncs;
  await ingest.commit();
  await blobs.syncNames();
  assert.equal(opened.syncs, before + 1);
});

Deno.test("FileBlobs.syncNames() waits for names that another call is making safe", async () => {
  await using dir = await tempDir();
  await using opened = await openBlobs(dir);
  const { blobs } = opened;
  await blobs.put(keyOf(one), one);
  const order: string[] = [];
  const first = blobs.syncNames().then(() => order.push("first"));
  const second = blobs.syncNames().then(() => order.push("second"));
  await new Promise((resolve) => setTimeout(resolve));
  assert.deepEqual(order, []);
  opened.open();
  await Promise.all([first, second]);
  assert.deepEqual(order, ["first", "second"]);
});

Deno.test("FileBlobs.syncNames() tries again what failed", async () => {
  await using dir = await tempDir();
  await using opened = await openBlobs(dir);
  const { blobs } = opened;
  opened.open();
  await blobs.put(keyOf(one), one);
  const { sync } = Deno.FsFile.prototype;
  Deno.FsFile.prototype.sync = () => Promise.reject(new Error("bad sector"));
  await assert.rejects(blobs.syncNames(), /bad sector/);
  Deno.FsFile.prototype.sync = sync;
  const before = opened.syncs;
  await blobs.syncNames();
  assert.equal(opened.syncs, before + 1);
});
