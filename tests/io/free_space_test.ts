import assert from "node:assert/strict";
import { findFreeBytes, hasRoomFor } from "../../src/io/free_space.ts";
import { canMountDisks, smallDisk } from "../testing/small_disk.ts";
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

Deno.test({
  name: "hasRoomFor() tells a little room from none, and leaves nothing behind",
  ignore: !(await canMountDisks()),
  fn: async () => {
    await using disk = await smallDisk(1024);
    const path = `${disk.path}/room.tmp`;
    const free = await findFreeBytes(disk.path);
    assert.ok(free !== undefined);
    assert.equal(hasRoomFor(path, free - 65_536), true);
    assert.equal(hasRoomFor(path, free + 1), false);
    assert.equal(await findFreeBytes(disk.path), free);
    assert.deepEqual([...Deno.readDirSync(disk.path)], []);
  },
});

Deno.test("hasRoomFor() is false where trying would take long, or something is in the way", async () => {
  await using dir = await tempDir();
  assert.equal(hasRoomFor(dir.join("room.tmp"), (4 << 20) + 1), false);
  assert.equal(hasRoomFor(dir.join("no/room.tmp"), 1), false);
  await Deno.writeTextFile(dir.join("there"), "kept");
  assert.equal(hasRoomFor(dir.join("there"), 1), false);
  assert.equal(await Deno.readTextFile(dir.join("there")), "kept");
});
