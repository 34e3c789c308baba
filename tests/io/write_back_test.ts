import assert from "node:assert/strict";
import { WriteBack } from "../../src/io/write_back.ts";

const MIB = 1 << 20;

/** A file whose syncs end when the test says so. */
class FakeFile {
  readonly syncs: PromiseWithResolvers<void>[] = [];
  syncData(): Promise<void> {
    const sync = Promise.withResolvers<void>();
    this.syncs.push(sync);
    return sync.promise;
  }
}

Deno.test("WriteBack syncs while bytes arrive, one sync at a time, and once more at the end", async () => {
  const file = new FakeFile();
  const writeBack = new WriteBack(file, { enabled: true });
  writeBack.wrote(31 * MIB);
  assert.equal(file.syncs.length, 0);
  writeBack.wrote(MIB);
  writeBack.wrote(100 * MIB);
  assert.equal(file.syncs.length, 1);
  const finished = writeBack.finish();
  file.syncs[0]?.resolve();
  await Promise.resolve();
  while (file.syncs.length < 2) await Promise.resolve();
  file.syncs[1]?.resolve();
  await finished;
});

Deno.test("WriteBack remembers a failure that the kernel tells but once", async () => {
  const file = new FakeFile();
  const writeBack = new WriteBack(file, { enabled: true });
  writeBack.wrote(64 * MIB);
  const failure = new Error("EIO");
  file.syncs[0]?.reject(failure);
  await assert.rejects(writeBack.finish(), failure);
  assert.equal(file.syncs.length, 1);
});

Deno.test("WriteBack syncs nothing where nothing need survive", async () => {
  const file = new FakeFile();
  const writeBack = new WriteBack(file, { enabled: false });
  writeBack.wrote(500 * MIB);
  await writeBack.finish();
  assert.equal(file.syncs.length, 0);
});
