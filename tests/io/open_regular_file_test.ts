import assert from "node:assert/strict";
import {
  findEntry,
  openRegularFile,
  removeIfThere,
} from "../../src/io/open_regular_file.ts";
import { tempDir } from "../testing/temp_dir.ts";

const DAMAGED = { name: "LocalError", code: "store-damaged" };

Deno.test("openRegularFile() opens a file, creates one if asked, and is undefined else", async () => {
  await using dir = await tempDir();
  const path = dir.join("file");
  assert.equal(openRegularFile(path), undefined);
  assert.equal(openRegularFile(path, { write: true }), undefined);
  {
    using file = openRegularFile(path, { create: true, write: true });
    file.writeSync(new Uint8Array(3));
  }
  using again = openRegularFile(path);
  assert.equal(again?.statSync().size, 3);
});

Deno.test("openRegularFile() follows no link, be it whole or dangling", async () => {
  await using dir = await tempDir();
  await Deno.writeTextFile(dir.join("victim"), "untouched");
  await Deno.symlink(dir.join("victim"), dir.join("link"));
  await Deno.symlink(dir.join("not-there"), dir.join("dangling"));
  for (const name of ["link", "dangling"]) {
    for (const options of [{}, { write: true }, { create: true as const }]) {
      assert.throws(() => openRegularFile(dir.join(name), options), DAMAGED);
    }
  }
  assert.equal(await Deno.readTextFile(dir.join("victim")), "untouched");
  assert.equal(findEntry(dir.join("not-there")), undefined);
});

Deno.test("openRegularFile() refuses a folder, and says what it is", async () => {
  await using dir = await tempDir();
  assert.throws(() => openRegularFile(dir.path), {
    ...DAMAGED,
    message: /it is a folder, not a regular file/,
  });
});

Deno.test("openRegularFile() says what is wrong where a file is in the place of a folder", async () => {
  await using dir = await tempDir();
  await Deno.writeTextFile(dir.join("file"), "");
  assert.throws(
    () => openRegularFile(dir.join("file", "below"), { create: true }),
    { name: "LocalError", code: "io" },
  );
});

Deno.test("removeIfThere() removes a link, not what it leads to", async () => {
  await using dir = await tempDir();
  await Deno.writeTextFile(dir.join("victim"), "untouched");
  await Deno.symlink(dir.join("victim"), dir.join("link"));
  removeIfThere(dir.join("link"));
  removeIfThere(dir.join("link"));
  assert.equal(findEntry(dir.join("link")), undefined);
  assert.equal(await Deno.readTextFile(dir.join("victim")), "untouched");
});
