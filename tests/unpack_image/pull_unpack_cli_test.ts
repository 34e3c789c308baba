import assert from "node:assert/strict";
import {
  type FakeRegistry,
  startFakeRegistry,
} from "../testing/fake_registry.ts";
import { buildImage, buildLayer } from "../testing/image_builder.ts";
import { runDray, spawnDray } from "../testing/run_dray.ts";
import { canMountDisks, smallDisk } from "../testing/small_disk.ts";
import { tempDir } from "../testing/temp_dir.ts";
import { holdBack } from "./hold_back.ts";
import { namesIn } from "./unpack_fixture.ts";

const small = buildLayer({ files: { "etc/a": "a", "etc/.wh.b": "" } });
/** Large enough for a thread of its own. */
const large = buildLayer({ randomBytes: 3 << 20, files: { "usr/big": "b" } });

/** A registry with an image of both layers, and an empty store. */
async function fixture() {
  const scope = new AsyncDisposableStack();
  const registry: FakeRegistry = scope.use(startFakeRegistry());
  const dir = scope.use(await tempDir());
  const reference = registry.push(
    "team/app",
    "1",
    buildImage({ layers: [small, large] }),
  );
  const store = dir.join("store");
  const pull = [
    "pull",
    "--unpack",
    "--platform=linux/amd64",
    "--store",
    store,
    reference,
  ];
  return {
    registry,
    reference,
    store,
    pull,
    /** Of the large one, only the first part until the gate is opened. */
    hold: () => holdBack(registry, large.descriptor.digest, 1 << 20),
    folderOf: (layer: typeof small, form = "") =>
      `${store}/layers/${layer.descriptor.digest.replace(":", "-")}${form}`,
    folders: () => namesIn({ path: `${store}/layers` }),
    [Symbol.asyncDispose]: () => scope[Symbol.asyncDispose](),
  };
}

const isStaging = (name: string) => name.includes(".dray-unpack-");

/** Its event comes before a layer has a folder to be unpacked in. */
async function untilStaged(layers: string): Promise<void> {
  using watcher = Deno.watchFs(layers);
  if (namesIn({ path: layers }).some(isStaging)) return;
  for await (const { paths } of watcher) if (paths.some(isStaging)) return;
}

const STARTED = new RegExp(`unpack-start.*${large.descriptor.digest}`);

Deno.test("dray pull --unpack tells where layers are; df counts and prune removes them", async () => {
  await using held = await fixture();
  const { pull, store, reference, folderOf, folders } = held;
  const pulled = await runDray([...pull, "--json"]);
  assert.equal(pulled.code, 0, pulled.stderr);
  assert.deepEqual(
    JSON.parse(pulled.stdout).platforms[0].layers
      .map((layer: { path: string }) => layer.path),
    [folderOf(small), folderOf(large)],
  );
  assert.deepEqual(namesIn({ path: `${folderOf(small)}/etc` }), [".wh.b", "a"]);
  const at = ["--store", store];
  const { stdout } = await runDray(["df", "--json", ...at]);
  assert(JSON.parse(stdout).unpackedBytes > 3 << 20, stdout);
  await runDray(["rm", reference, ...at]);
  const pruned = await runDray(["prune", "--json", ...at]);
  assert.equal(JSON.parse(pruned.stdout).layers, 2, pruned.stderr);
  assert.deepEqual(folders(), []);
  const after = await runDray(["df", "--json", ...at]);
  assert.equal(JSON.parse(after.stdout).unpackedBytes, 0);
});

Deno.test("dray pull --unpack says where whiteouts of overlayfs can't be made, and keeps the image", async () => {
  await using held = await fixture();
  const { pull, store, folderOf, folders } = held;
  const overlay = await runDray([...pull, "--whiteouts=overlay"]);
  assert.equal(overlay.code, 7);
  assert.match(overlay.stderr, /error: Cannot make a whiteout of overlayfs/);
  assert.deepEqual(folders().filter((name) => name.includes(".dray-")), []);
  const images = await runDray(["images", "-q", "--store", store]);
  assert.equal(images.stdout.trim(), pull.at(-1));
  // The other form of a layer is another folder.
  assert.equal((await runDray(pull)).code, 0);
  assert((await Deno.stat(folderOf(small))).isDirectory);
  const usage = await runDray(["pull", "--whiteouts=overlay", "x"]);
  assert.equal(usage.code, 2);
});

Deno.test("dray pull --unpack that is killed while it unpacks goes on the next time", async () => {
  await using held = await fixture();
  const { pull, store, hold, folders, folderOf } = held;
  using gate = hold();
  {
    await using child = spawnDray([...pull, "--progress=json"]);
    await child.stderrMatches(STARTED);
    await child.stderrMatches(/unpack-done/);
    await untilStaged(`${store}/layers`);
    child.kill("SIGKILL");
    await child.result;
  }
  const left = folders();
  assert(left.some(isStaging), `${left}`);
  gate.open();
  const again = await runDray(pull);
  assert.equal(again.code, 0, again.stderr);
  assert.equal(folders().length, 2);
  assert.equal(await Deno.readTextFile(`${folderOf(large)}/usr/big`), "b");
});

Deno.test("dray pull --unpack takes over from a process that died", async () => {
  await using held = await fixture();
  const { pull, hold, folders } = held;
  using gate = hold();
  await using first = spawnDray([...pull, "--progress=json"]);
  await first.stderrMatches(STARTED);
  await using second = spawnDray([...pull, "--progress=json"]);
  await second.stderrMatches(/blob-wait/);
  first.kill("SIGKILL");
  await second.stderrMatches(/blob-start/);
  gate.open();
  const { code, stderr } = await second.result;
  assert.equal(code, 0, stderr);
  assert.equal(folders().length, 2);
});

Deno.test("dray pull --unpack that is interrupted leaves no half a layer", async () => {
  await using held = await fixture();
  const { pull, hold, folders } = held;
  using _gate = hold();
  await using child = spawnDray([...pull, "--progress=json"]);
  await child.stderrMatches(STARTED);
  await child.stderrMatches(/unpack-done/);
  child.kill("SIGINT");
  const { code, stderr } = await child.result;
  assert.equal(code, 130, stderr);
  assert.equal(folders().length, 1); // The small one was done.
  assert(!folders()[0]?.includes(".dray-"), folders()[0]);
});

Deno.test({
  name:
    "dray pull --unpack on a disk that is too small keeps the blobs, and says so",
  ignore: !(await canMountDisks()),
  fn: async () => {
    await using registry = startFakeRegistry();
    await using disk = await smallDisk(6144);
    const layers = [
      small,
      buildLayer({ files: { zeros: new Uint8Array(8 << 20) } }),
      buildLayer({
        randomBytes: 2_300_000,
        files: { z: new Uint8Array(3 << 20) },
      }),
    ];
    const reference = registry.push("a", "1", buildImage({ layers }));
    const at = ["--store", `${disk.path}/store`];
    const pull = ["pull", "--platform=linux/amd64", reference, ...at];
    // Together they would compete for the room, and either may lose.
    assert.equal((await runDray(pull)).code, 0);
    const { code, stderr } = await runDray([...pull, "--unpack"]);
    assert.equal(code, 7, stderr);
    assert.match(stderr, /error: Cannot .*(disk is full|no space is left)/);
    assert.deepEqual(
      namesIn({ path: `${disk.path}/store/layers` })
        .filter((name) => name.includes(".dray-")),
      [],
    );
    const verified = await runDray(["verify", "--json", ...at]);
    assert.equal(JSON.parse(verified.stdout).checked, 5, verified.stderr);
    const images = await runDray(["images", "-q", ...at]);
    assert.equal(images.stdout.trim(), reference);
    await using fresh = await smallDisk(6144);
    const result = await runDray([
      ...pull.slice(0, 3),
      "--unpack",
      "--store",
      `${fresh.path}/store`,
    ]);
    assert.equal(result.code, 7, result.stderr);
    assert.match(result.stderr, /disk is full|no space is left/);
  },
});
