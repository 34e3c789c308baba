import assert from "node:assert/strict";
import { imageWith, maintainedStore } from "../maintain/maintained_store.ts";

import { buildImage } from "../testing/image_builder.ts";
import { writeImageLayout } from "../testing/image_layout.ts";
import { listTree } from "../testing/list_tree.ts";
import { tempDir } from "../testing/temp_dir.ts";
import { runInProcess } from "./fake_host.ts";

const NOWHERE = "localhost:1/team/app:v1";

/** What commands say where there is no store, which they don't make. */
const COMMANDS: readonly (readonly [args: string[], code: number])[] = [
  [["images"], 0],
  [["images", "--json"], 0],
  [["df"], 0],
  [["verify"], 0],
  [["verify", "--repair"], 0],
  [["verify", NOWHERE], 3],
  [["inspect", NOWHERE], 3],
  [["ls", NOWHERE], 3],
  [["cat", NOWHERE, "x"], 3],
  [["unpack", NOWHERE, "rootfs"], 3],
  [["export", NOWHERE, "--format", "oci-archive", "-o", "/tmp/none.tar"], 3],
  [["ls", NOWHERE], 3],
  [["rm", NOWHERE], 3],
  [["prune", "--dry-run"], 0],
  [["prune"], 0],
  [["pull", "--dry-run", "--retries", "0", NOWHERE], 5],
];

for (const [args, code] of COMMANDS) {
  Deno.test(`dray ${args.join(" ")} exits with ${code} and makes nothing where there is no store`, async () => {
    await using dir = await tempDir();
    await Deno.mkdir(dir.join("empty"));
    await Deno.mkdir(dir.join("other"));
    await Deno.writeTextFile(dir.join("other", "notes.txt"), "mine");
    const before = listTree(dir.path);
    for (const name of ["absent", "absent/deep", "empty", "other"]) {
      const store = ["--store", dir.join(name)];
      const outcome = await runInProcess([...args, ...store]);
      assert.equal(outcome.code, code, `${name}: ${outcome.stderr}`);
      if (args.includes("--json")) assert.equal(outcome.stdout, "");
    }
    assert.deepEqual(listTree(dir.path), before);
  });
}

Deno.test("dray df --json counts nothing where there is no store", async () => {
  await using dir = await tempDir();
  const store = ["--store", dir.join("absent")];
  const { stdout } = await runInProcess(["df", "--json", ...store]);
  const counts: unknown[] = Object.values(JSON.parse(stdout));
  assert.equal(counts.length, 7);
  assert.ok(counts.every((count) => count === 0), stdout);
});

Deno.test("dray pull --dry-run makes no store, and says what would come", async () => {
  await using kit = await maintainedStore();
  const image = imageWith(2);
  const reference = kit.registry.push("team/app", "v1", image);
  const { code, stderr } = await kit.run("pull", "--dry-run", reference);
  assert.equal(code, 0, stderr);
  assert.match(stderr, /: 2 layers, 8\d\.\d kB to download/);
  assert.deepEqual(listTree(kit.dir), []);
});

Deno.test("a store whose database is lost is read from index.json and the blobs, and stays as it is", async () => {
  await using kit = await maintainedStore();
  const reference = await kit.pull("team/app:v1", imageWith(2));
  const before = await kit.run("inspect", "--json", reference);
  await Deno.remove(`${kit.dir}/oci.db`);
  const tree = listTree(kit.dir);
  for (const args of [["images", "-q"], ["verify"], ["df"]]) {
    const { code, stderr } = await kit.run(...args);
    assert.equal(code, 0, `${args[0]}: ${stderr}`);
  }
  assert.equal((await kit.run("images", "-q")).stdout, `${reference}\n`);
  const { stdout } = await kit.run("inspect", "--json", reference);
  assert.equal(
    JSON.parse(stdout).configDigest,
    JSON.parse(before.stdout).configDigest,
  );
  assert.deepEqual(listTree(kit.dir), tree);
});

Deno.test("a layout of another tool is refused, and stays as it is", async () => {
  await using dir = await tempDir();
  await writeImageLayout(dir.path, buildImage({ layers: [{ seed: 1 }] }));
  const tree = listTree(dir.path);
  for (const args of [["images"], ["df"], ["verify"], ["prune", "--dry-run"]]) {
    const outcome = await runInProcess([...args, "--store", dir.path]);
    assert.equal(outcome.code, 7, outcome.stderr);
    assert.match(outcome.stderr, /which is no reference of dray's/);
  }
  assert.deepEqual(listTree(dir.path), tree);
});
