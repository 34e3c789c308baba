import assert from "node:assert/strict";
import {
  replaceFileSync,
  syncDir,
  writeFileAtomic,
} from "../../src/io/atomic_file.ts";
import { tempDir } from "../testing/temp_dir.ts";
import { textBytes } from "../testing/test_bytes.ts";

for (const sync of [true, false]) {
  Deno.test(`writeFileAtomic() puts new content in place of old, sync ${sync}`, async () => {
    await using dir = await tempDir();
    const path = dir.join("file");
    await writeFileAtomic(path, textBytes("old and long"), { sync });
    await writeFileAtomic(path, textBytes("new"), { sync });
    assert.equal(await Deno.readTextFile(path), "new");
    const names = [...Deno.readDirSync(dir.path)].map(({ name }) => name);
    assert.deepEqual(names, ["file"]);
  });
}

Deno.test("writeFileAtomic() and replaceFileSync() write through no link, at either name", async () => {
  await using dir = await tempDir();
  const victim = dir.join("victim");
  await Deno.writeTextFile(victim, "untouched");
  for (const write of [writeFileAtomic, replaceFileSync]) {
    const path = dir.join(write.name);
    await Deno.symlink(victim, path);
    await Deno.symlink(victim, `${path}.tmp`);
    await write(path, textBytes("new"));
    assert.equal(await Deno.readTextFile(path), "new");
    assert.ok((await Deno.lstat(path)).isFile);
  }
  assert.equal(await Deno.readTextFile(victim), "untouched");
});

Deno.test("writeFileAtomic() leaves the old content where it cannot write", async () => {
  await using dir = await tempDir();
  const path = dir.join("file");
  await Deno.mkdir(path);
  await Deno.writeTextFile(`${path}/inside`, "kept");
  await assert.rejects(writeFileAtomic(path, textBytes("new")), {
    name: "LocalError",
    exitCode: 7,
  });
  assert.equal(await Deno.readTextFile(`${path}/inside`), "kept");
  assert.throws(() => Deno.lstatSync(`${path}.tmp`), Deno.errors.NotFound);
});

Deno.test("a reader sees the old content or the new, never half of one", async () => {
  await using dir = await tempDir();
  const path = dir.join("file");
  const contents = ["a", "b"].map((letter) => letter.repeat(300_000));
  await writeFileAtomic(path, textBytes(contents[0] ?? ""), { sync: false });
  let isWriting = true;
  const writer = (async () => {
    for (let turn = 1; turn <= 60; turn++) {
      const text = contents[turn % 2] ?? "";
      await writeFileAtomic(path, textBytes(text), { sync: turn % 20 === 0 });
    }
    isWriting = false;
  })();
  let reads = 0;
  while (isWriting) {
    assert.ok(contents.includes(await Deno.readTextFile(path)));
    reads++;
  }
  await writer;
  assert.ok(reads > 0);
});

Deno.test("syncDir() says which folder it could not sync", async () => {
  await assert.rejects(syncDir("/no/such/folder"), {
    name: "LocalError",
    message: /^Cannot sync "\/no\/such\/folder"/,
  });
});
