import assert from "node:assert/strict";
import { Store } from "../../src/store/store.ts";
import {
  imageWith,
  type MaintainedStore,
  maintainedStore,
} from "../maintain/maintained_store.ts";
import { listTree } from "../testing/list_tree.ts";
import { mountReadOnly } from "../testing/read_only_mount.ts";
import { mustRun } from "../testing/run_command.ts";
import { canMountDisks } from "../testing/small_disk.ts";
import { tempDir } from "../testing/temp_dir.ts";
import { type CliOutcome, runInProcess } from "./fake_host.ts";

const ignore = !(await canMountDisks());

/** Commands that look; their result must be as on a store that can be written. */
const READERS: readonly (readonly string[])[] = [
  ["images", "--json"],
  ["images", "-q"],
  ["df", "--json"],
  ["verify", "--json"],
  ["prune", "--dry-run", "--json"],
  ["inspect", "--json", "REF"],
  ["inspect", "--raw", "REF"],
  ["inspect", "--config", "REF"],
  ["inspect", "--layers", "--json", "REF"],
  ["ls", "REF"],
  ["cat", "REF", "random.bin"],
  ["ls", "-lR", "REF"],
  ["cat", "REF", "random.bin"],
];

const WRITERS: readonly (readonly string[])[] = [
  ["pull", "REF"],
  ["rm", "REF"],
  ["prune"],
  ["verify", "--repair"],
];

function run(
  args: readonly string[],
  reference: string,
  dir: string,
): Promise<CliOutcome> {
  const named = args.map((arg) => arg === "REF" ? reference : arg);
  return runInProcess([...named, "--store", dir], { nowMs: 0 });
}

/** What the store's database looks like where it is read-only. */
const STATES: Readonly<Record<string, (kit: MaintainedStore) => unknown>> = {
  "that was closed": () => {},
  "with the log of a crash": leaveLog,
  "with a log whose index is lost": async (kit) => {
    await leaveLog(kit);
    await Deno.remove(`${kit.dir}/oci.db-shm`);
  },
  "without its database": (kit) => Deno.remove(`${kit.dir}/oci.db`),
};

/** As a process leaves it that was killed: with a change in the log only. */
async function leaveLog(kit: MaintainedStore): Promise<void> {
  {
    await using store = await Store.open(kit.dir);
    const [image] = store.listImages();
    assert.ok(image && store.touchImage(image.reference));
    await mustRun("cp", ["-a", kit.dir, `${kit.dir}.crashed`]);
  }
  await Deno.remove(kit.dir, { recursive: true });
  await Deno.rename(`${kit.dir}.crashed`, kit.dir);
  assert.ok((await Deno.stat(`${kit.dir}/oci.db-wal`)).size > 0);
}

for (const [state, prepare] of Object.entries(STATES)) {
  Deno.test({
    name:
      `a store ${state} on a read-only file system is read, and not written`,
    ignore,
    async fn() {
      await using kit = await maintainedStore();
      const reference = await kit.pull("team/app:v1", imageWith(2));
      await prepare(kit);
      await using copy = await tempDir();
      await mustRun("cp", ["-a", `${kit.dir}/.`, copy.path]);
      await using mount = await mountReadOnly(kit.dir);
      const tree = listTree(kit.dir);
      for (const args of READERS) {
        const { code, stdout, stderr } = await run(args, reference, mount.path);
        assert.equal(code, 0, `${args.join(" ")}: ${stderr}`);
        const wanted = await run(args, reference, copy.path);
        // Where the database is out of reach, files say when an image came.
        const [is, should] = [stdout, wanted.stdout].map(withoutTimes);
        assert.equal(is, should, args.join(" "));
      }
      await mustUnpack(reference, mount.path);
      await mustExport(reference, mount.path);
      await mustPlan(kit, reference, mount.path);
      for (const args of WRITERS) {
        const { code, stderr } = await run(args, reference, mount.path);
        assert.equal(code, 7, `${args.join(" ")}: ${stderr}`);
        assert.ok(stderr.includes(mount.path), stderr);
        assert.match(stderr, /read-?only/);
      }
      assert.deepEqual(listTree(kit.dir), tree);
    },
  });
}

function withoutTimes(json: string): string {
  return json.replaceAll(/"(pulled|lastUsed)At":"20\d\d-[^"]*"/g, "");
}

async function mustExport(reference: string, store: string): Promise<void> {
  await using out = await tempDir();
  const path = out.join("image.tar");
  const { code, stderr } = await runInProcess([
    ...["export", reference, "--format", "oci-archive", "-o", path],
    ...["--store", store],
  ]);
  assert.equal(code, 0, stderr);
  assert.ok((await Deno.stat(path)).size > 80_000);
}

async function mustUnpack(reference: string, store: string): Promise<void> {
  await using out = await tempDir();
  for (const form of [[], ["--layers"]]) {
    const dir = out.join(`root${form.length}`);
    const args = ["unpack", ...form, reference, dir, "--store", store];
    const { code, stderr } = await runInProcess(args);
    assert.equal(code, 0, stderr);
    assert.ok([...Deno.readDirSync(dir)].length > 0);
  }
}

async function mustPlan(
  kit: MaintainedStore,
  reference: string,
  store: string,
): Promise<void> {
  const next = kit.registry.push("team/app", "v2", imageWith(3));
  for (const [name, what] of [[reference, /nothing to/], [next, /1 layer, /]]) {
    const args = ["pull", "--dry-run", String(name), "--store", store];
    const { code, stderr } = await runInProcess(args);
    assert.equal(code, 0, stderr);
    assert.match(stderr, new RegExp(what ?? ""));
  }
}
