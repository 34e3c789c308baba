import assert from "node:assert/strict";
import { Store, unpackToStore } from "../../src/mod.ts";
import { toFormatOne } from "../store/old_store.ts";
import { startFakeRegistry } from "../testing/fake_registry.ts";
import {
  canMountDisks,
  type SmallDisk,
  smallDisk,
} from "../testing/small_disk.ts";
import { tempDir } from "../testing/temp_dir.ts";
import { type CliOutcome, runInProcess } from "../cli/fake_host.ts";
import { imageWith } from "./maintained_store.ts";

const ignore = !(await canMountDisks());

/** A store on a small disk. */
type Fixture = Awaited<ReturnType<typeof fixture>>;

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
  const elsewhere = scope.use(await tempDir());
  const named = (args: readonly string[]): readonly string[] =>
    args.map((arg) =>
      ({
        FIRST: first,
        SECOND: second,
        INSIDE: `${disk.path}/unpacked`,
        ELSEWHERE: elsewhere.join("unpacked"),
      })[arg] ?? arg
    );
  const [root] = images;
  assert.ok(root);
  return {
    disk,
    dir,
    run,
    first,
    second,
    named,
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
  ["inspect", "FIRST"],
  ["unpack", "FIRST", "ELSEWHERE"],
  ["pull", "--dry-run", "SECOND"],
  ["prune", "--dry-run"],
];
for (const args of READERS) {
  Deno.test({
    name: `a full disk does not stop dray ${args.join(" ")}`,
    ignore,
    async fn() {
      await using kit = await fixture();
      await kit.disk.fillUp();
      const { code, stderr } = await kit.run(...kit.named(args));
      assert.equal(code, 0, stderr);
    },
  });
}

/** Room that is left when a command starts: what it needs first has some, what comes later none. */
const ROOMS_KIB = [0, 4, 8, 16, 32, 64, 128, 256];

interface Writer {
  readonly args: readonly string[];
  readonly prepare?: (kit: Fixture) => Promise<unknown>;
}

const WRITERS: Readonly<Record<string, Writer>> = {
  pull: { args: ["pull", "SECOND"] },
  rm: { args: ["rm", "FIRST"] },
  prune: {
    args: ["prune"],
    async prepare(kit) {
      await kit.run("pull", kit.second);
      await kit.run("rm", kit.second);
    },
  },
  unpack: { args: ["unpack", "FIRST", "INSIDE"] },
  "unpack --layers": { args: ["unpack", "--layers", "FIRST", "INSIDE"] },
  "verify --repair": {
    args: ["verify", "--repair"],
    prepare: (kit) => Deno.remove(kit.layerPath),
  },
  "verify --repair of a damaged database": {
    args: ["verify", "--repair"],
    prepare: ({ dir }) =>
      Deno.writeTextFile(`${dir}/oci.db`, "no database\n".repeat(1000)),
  },
  migration: { args: ["images"], prepare: ({ dir }) => toFormatOne(dir) },
};

for (const [name, { args, prepare }] of Object.entries(WRITERS)) {
  Deno.test({
    name:
      `a disk that fills up under dray ${name} costs nothing that was there`,
    ignore,
    async fn() {
      const codes: number[] = [];
      for (const kib of ROOMS_KIB) {
        await using kit = await fixture();
        await prepare?.(kit);
        await kit.disk.fillUp(kib * 1024);
        const when = `${kib} KiB`;
        const { code, stderr } = await kit.run(...kit.named(args));
        assert.ok([0, 6, 7].includes(code), `${when}: ${code} ${stderr}`);
        codes.push(code);
        if (code === 7) {
          assert.match(stderr, /full|no space|free|write/, when);
          assert.ok(stderr.includes(`"${kit.disk.path}`), `${when}: ${stderr}`);
        }
        await kit.disk.makeRoom();
        const again = await kit.run(...kit.named(args));
        // What was forgotten then can't be forgotten twice.
        assert.equal(again.code, name === "rm" && code === 0 ? 3 : 0, when);
        const { stdout } = await kit.run("images", "-q");
        const listed = stdout.split("\n").filter((line) => line !== "");
        await mustWork(kit, listed);
        if (name !== "rm") assert.ok(listed.includes(kit.first), when);
      }
      // Else the disk was not small enough to show anything.
      if (/pull|rm|unpack|repair/.test(name)) assert.ok(codes.includes(7));
    },
  });
}

Deno.test({
  name:
    "a full disk: a store without its database, or in an older format, is still read",
  ignore,
  async fn() {
    await using kit = await fixture();
    await toFormatOne(kit.dir);
    await kit.disk.fillUp();
    assert.equal((await kit.run("images", "-q")).stdout, `${kit.first}\n`);
    await Deno.remove(`${kit.dir}/oci.db`);
    await kit.disk.makeRoom();
    await kit.disk.fillUp();
    assert.equal((await kit.run("images", "-q")).stdout, `${kit.first}\n`);
    assert.equal((await kit.run("verify")).code, 0);
  },
});

Deno.test({
  name:
    "a full disk stops unpackToStore() with disk-full, and leaves no half of a layer",
  ignore,
  async fn() {
    await using kit = await fixture();
    await kit.disk.fillUp(64 << 10);
    const unpackAll = async () => {
      await using store = await Store.openToRead(kit.dir);
      return await unpackToStore(kit.first, { store });
    };
    await assert.rejects(unpackAll(), { code: "disk-full" });
    assert.deepEqual([...Deno.readDirSync(`${kit.dir}/layers`)], []);
    await kit.disk.makeRoom();
    assert.equal((await unpackAll()).layers.length, 2);
  },
});

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
