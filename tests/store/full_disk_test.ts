import assert from "node:assert/strict";
import { LocalError } from "../../src/errors.ts";
import { Store } from "../../src/store/store.ts";
import { buildImage } from "../testing/image_builder.ts";
import { mustRun } from "../testing/run_command.ts";
import { canMountDisks, smallDisk } from "../testing/small_disk.ts";
import { randomBytes } from "../testing/test_bytes.ts";
import { keyOf, storeImage } from "./stored_fixture.ts";

const ignore = !(await canMountDisks());

Deno.test(
  "a disk that fills up keeps the partial, which goes on once there is room",
  {
    ignore,
  },
  async () => {
    await using disk = await smallDisk(1024);
    await using store = await Store.open(`${disk.path}/store`);
    const bytes = randomBytes(2 << 20);
    const key = keyOf(bytes);
    for (const step of [65_536, 262_144]) {
      await using ingest = await store.openIngest(key);
      assert.ok(ingest);
      await assert.rejects(async () => {
        for (const { start } of ingest.missing) {
          for (let at = start; at < key.size; at += step) {
            await ingest.writeAt(at, bytes.subarray(at, at + step));
          }
        }
      }, {
        name: "LocalError",
        code: "disk-full",
        exitCode: 7,
        message: /^Cannot write ".*": no space is left on the device$/,
      });
    }
    assert.equal(store.space.listPartials().length, 1);
    await mustRun("mount", ["-o", "remount,size=8192k", disk.path]);
    await using ingest = await store.openIngest(key);
    assert.ok(ingest !== undefined && ingest.kept > 300_000);
    for (const { start, end } of ingest.missing) {
      await ingest.writeAt(start, bytes.subarray(start, end));
    }
    await ingest.commit();
    assert.deepEqual(await Deno.readFile(store.blobPath(key.digest)), bytes);
  },
);

Deno.test("a full disk stops no reader, and loses nothing that is recorded", {
  ignore,
}, async () => {
  await using disk = await smallDisk(1024);
  const dir = `${disk.path}/store`;
  await using store = await Store.open(dir);
  await storeImage(store, "localhost/first:1", buildImage());
  await disk.fillUp();
  const failure = await record(store, 1).then(
    () => undefined,
    (error: unknown) => error,
  );
  assert.ok(failure instanceof LocalError, String(failure));
  assert.equal(failure.code, "disk-full");
  assert.deepEqual(listed(store), ["localhost/first:1"]);
  await disk.makeRoom();
  await record(store, 1);
  await using again = await Store.open(dir);
  const wanted = ["localhost/first:1", "localhost/more:1"];
  assert.deepEqual(listed(again), wanted);
  const { manifests } = JSON.parse(
    await Deno.readTextFile(`${dir}/index.json`),
  );
  assert.equal(manifests.length, wanted.length);
});

Deno.test(
  "a store cannot be made on a full disk, and is disk-full, not damaged",
  {
    ignore,
  },
  async () => {
    await using disk = await smallDisk(256);
    await disk.fillUp();
    await assert.rejects(Store.open(`${disk.path}/store`), {
      name: "LocalError",
      code: "disk-full",
    });
    await disk.makeRoom();
    await using store = await Store.open(`${disk.path}/store`);
    assert.deepEqual(store.listImages(), []);
  },
);

function record(store: Store, turn: number): Promise<void> {
  const image = buildImage({ layers: [{ seed: turn }, { seed: turn + 1 }] });
  return storeImage(store, `localhost/more:${turn}`, image);
}

function listed(store: Store): readonly string[] {
  return store.listImages().map(({ reference }) => reference);
}
