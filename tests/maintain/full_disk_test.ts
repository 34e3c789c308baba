import assert from "node:assert/strict";
import { startFakeRegistry } from "../testing/fake_registry.ts";
import {
  canMountDisks,
  type SmallDisk,
  smallDisk,
} from "../testing/small_disk.ts";
import { type CliOutcome, runInProcess } from "../cli/fake_host.ts";
import { imageWith } from "./maintained_store.ts";

const ignore = !(await canMountDisks());

/** A store on a small disk with one image of four that a registry has. */
async function fixture() {
  const scope = new AsyncDisposableStack();
  const registry = scope.use(startFakeRegistry());
  const disk: SmallDisk = scope.use(await smallDisk(4096));
  const dir = `${disk.path}/store`;
  const run = (...args: readonly string[]): Promise<CliOutcome> =>
    runInProcess([...args, "--store", dir]);
  const images = [2, 3, 4, 5].map((seed) => imageWith(seed, 300_000));
  const references = images.map((image, number) =>
    registry.push("team/app", `v${number}`, image)
  );
  const [first = "", second = ""] = references;
  assert.equal((await run("pull", first)).code, 0);
  const [root] = images;
  assert.ok(root);
  return {
    disk,
    dir,
    run,
    first,
    second,
    layerPath: `${dir}/blobs/${
      root.layers[1]?.descriptor.digest.replace(":", "/")
    }`,
    [Symbol.asyncDispose]: () => scope[Symbol.asyncDispose](),
  };
}

async function mustWork(
  { run }: { run: (...args: string[]) => Promise<CliOutcome> },
  listed: readonly string[],
): Promise<void> {
  assert.equal((await run("verify")).code, 0);
  const { stdout } = await run("images", "-q");
  assert.equal(stdout, listed.map((name) => `${name}\n`).join(""));
}

const READERS = [
  ["images"],
  ["df"],
  ["verify"],
  ["prune", "--dry-run"],
];
for (const args of READERS) {
  Deno.test({
    name: `a full disk does not stop dray ${args.join(" ")}`,
    ignore,
    async fn() {
      await using kit = await fixture();
      await kit.disk.fillUp();
      const { code, stderr } = await kit.run(...args);
      assert.equal(code, 0, stderr);
    },
  });
}

Deno.test({
  name: "a full disk: dray pull exits with 7, and goes on once there is room",
  ignore,
  async fn() {
    await using kit = await fixture();
    await kit.disk.fillUp();
    const { code, stderr } = await kit.run("pull", kit.second);
    assert.equal(code, 7, stderr);
    await kit.disk.makeRoom();
    await mustWork(kit, [kit.first]);
    assert.equal((await kit.run("pull", kit.second)).code, 0);
    await mustWork(kit, [kit.first, kit.second]);
  },
});

Deno.test({
  name: "a full disk: dray rm forgets or exits with 7, and nothing between",
  ignore,
  async fn() {
    await using kit = await fixture();
    await kit.disk.fillUp();
    const { code, stderr } = await kit.run("rm", kit.first);
    assert.ok(code === 0 || code === 7, stderr);
    await kit.disk.makeRoom();
    const { stdout } = await kit.run("images", "-q");
    await mustWork(kit, stdout === "" ? [] : [kit.first]);
  },
});

Deno.test({
  name: "a full disk: dray prune makes room",
  ignore,
  async fn() {
    await using kit = await fixture();
    assert.equal((await kit.run("pull", kit.second)).code, 0);
    assert.equal((await kit.run("rm", kit.first)).code, 0);
    await kit.disk.fillUp();
    const { code, stderr, stdout } = await kit.run("prune", "--json");
    assert.equal(code, 0, stderr);
    assert.ok(JSON.parse(stdout).bytes > 300_000);
    await mustWork(kit, [kit.second]);
  },
});

Deno.test({
  name:
    "a full disk: dray verify --repair exits with 6 or 7, and mends once there is room",
  ignore,
  async fn() {
    await using kit = await fixture();
    await Deno.remove(kit.layerPath);
    await kit.disk.fillUp();
    const { code, stderr } = await kit.run("verify", "--repair");
    assert.ok(code === 6 || code === 7, stderr);
    await kit.disk.makeRoom();
    assert.equal((await kit.run("verify", "--repair")).code, 0);
    await mustWork(kit, [kit.first]);
  },
});
