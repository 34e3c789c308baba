import assert from "node:assert/strict";
import { importImage } from "../../src/import/import_image.ts";
import { verify } from "../../src/maintain/verify.ts";
import { Store } from "../../src/store/store.ts";
import { storeImage } from "../store/stored_fixture.ts";
import { buildImage } from "../testing/image_builder.ts";
import { runDray, spawnDray } from "../testing/run_dray.ts";
import { type TempDir, tempDir } from "../testing/temp_dir.ts";
import { layoutTar } from "./import_fixture.ts";

const NAME = "docker.io/library/test:1";
const image = buildImage({ layers: [{ randomBytes: 16 << 20 }] });
const { digest } = image.root.descriptor;

/** Starts dray, and ends it so once it has told of the first bytes that are through. */
async function endEarly(
  signal: Deno.Signal,
  ...args: readonly string[]
): Promise<void> {
  await using child = spawnDray([...args, "--no-sync", "--progress", "json"]);
  await child.stderrMatches(/"copy-progress".*"bytes":[1-9]\d{4}/);
  child.kill(signal);
  await child.result;
}

/** What is at a path is a whole export: the signal may have come when it was done. */
async function mustBeWhole({ join }: TempDir, path: string): Promise<void> {
  await using store = await Store.open(join("proof"), { sync: false });
  const [result] = await importImage(path, { store, tags: ["test:1"] });
  assert.equal(result?.digest, digest);
}

async function isThere(path: string): Promise<boolean> {
  return await Deno.lstat(path).then(() => true, () => false);
}

for (const signal of ["SIGKILL", "SIGINT"] as const) {
  Deno.test(`dray export and import ended by ${signal} leave the old or the new, and no half`, async () => {
    await using dir = await tempDir();
    const [first, second] = [dir.join("first"), dir.join("second")];
    {
      await using store = await Store.open(first, { sync: false });
      await storeImage(store, NAME, image);
    }
    const [path, layout] = [dir.join("x.tar"), dir.join("layout")];
    await Deno.writeTextFile(path, "old");
    const from = ["export", "test:1", "--store", first];
    const file = [...from, "-o", path];
    await endEarly(signal, ...file);
    if ((await Deno.stat(path)).size !== 3) await mustBeWhole(dir, path);

    const folder = [...from, "--format", "oci-dir", "-o", layout];
    await endEarly(signal, ...folder);
    if (await isThere(`${layout}/oci-layout`)) await mustBeWhole(dir, layout);
    else if (signal === "SIGINT") assert.equal(await isThere(layout), false);

    await Deno.writeFile(dir.join("in.tar"), layoutTar([image]));
    const into = ["import", "--store", second, "--tag", "test:1"];
    await endEarly(signal, ...into, dir.join("in.tar"));
    {
      await using store = await Store.open(second);
      for (const stored of store.listImages()) {
        assert.equal(stored.digest, digest);
      }
      const { missing, corrupt } = await verify(store);
      assert.deepEqual([...missing, ...corrupt], []);
    }

    // Once more, and nothing is in the way, nor left.
    for (const args of [folder, file, [...into, path]]) {
      const { code, stderr } = await runDray([...args, "--no-sync"]);
      assert.equal(code, 0, stderr);
    }
    const names = [...Deno.readDirSync(dir.path)].map(({ name }) => name);
    assert.deepEqual(names.filter((name) => name.startsWith(".")), []);
    await mustBeWhole(dir, layout);
    await using store = await Store.open(second);
    assert.equal(store.findImage(NAME)?.digest, digest);
    assert.deepEqual(store.space.listPartials(), []);
  });
}
