import assert from "node:assert/strict";
import { writeTar } from "../../src/tar/write_tar.ts";
import { rawEntry, rawTar } from "../tar/raw_tar.ts";
import { tempDir } from "../testing/temp_dir.ts";
import { snapshotTree } from "./tree_snapshot.ts";
import { unpackTars } from "./unpack_tars.ts";

Deno.test("GHSA-x86f-5xw2-fm2r: unpacking runs no program", async () => {
  for (const dir of ["tar", "unpack", "unpack_image"]) {
    const url = new URL(`../../src/${dir}/`, import.meta.url);
    for await (const { name } of Deno.readDir(url)) {
      const text = await Deno.readTextFile(new URL(name, url));
      assert.doesNotMatch(
        text,
        /Deno\.Command|child_process/,
        `${dir}/${name}`,
      );
    }
  }
});

Deno.test("CVE-2025-47290: layers in parallel, each in a tree of its own, don't meet", async () => {
  await using dir = await tempDir();
  const victim = dir.join("victim");
  await Deno.mkdir(victim);
  const before = snapshotTree(victim);
  const swaps = rawTar(
    ...Array.from({ length: 200 }, (_, at) => [
      rawEntry({ name: "d", type: "5" }),
      rawEntry({ name: "d", type: "2", link: "../victim" }),
      rawEntry({ name: `f${at}` }),
    ]).flat(),
  );
  const writes = writeTar(
    Array.from(
      { length: 600 },
      (_, at) => ({ path: `d/f${at}`, content: "x" }),
    ),
  );
  await Promise.all([
    unpackTars(dir.join("one"), [swaps]),
    unpackTars(dir.join("two"), [writes]),
  ]);
  assert.deepEqual(snapshotTree(victim), before);
  assert.equal([...Deno.readDirSync(dir.join("two/d"))].length, 600);
});
