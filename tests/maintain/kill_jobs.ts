import assert from "node:assert/strict";
import { fileURLToPath } from "node:url";
import { toFormatOne } from "../store/old_store.ts";
import { buildImage, type TestImage } from "../testing/image_builder.ts";
import { type RunningCommand, spawnCommand } from "../testing/run_command.ts";
import { spawnDray } from "../testing/run_dray.ts";
import { snapshotTree } from "../unpack/tree_snapshot.ts";
import type { MaintainedStore } from "./maintained_store.ts";

const UNPACK = fileURLToPath(new URL("./unpack_process.ts", import.meta.url));

/** Where the jobs work. */
export interface Scene {
  readonly kit: MaintainedStore;
  /** Of images in the registry; the last one has many files. */
  readonly references: readonly string[];
}

/** What is killed. */
export interface KillJob {
  /** Brings the store into the state that the job begins with. */
  prepare(scene: Scene): Promise<void>;
  start(scene: Scene): RunningCommand;
  /** What must hold afterwards, besides what always does. */
  check?(scene: Scene, when: string): Promise<void>;
  /** Whether damage may be left that only a repair mends. */
  readonly mayNeedRepair?: boolean;
  /** Whether every reference must still be there. */
  readonly keepsAll?: boolean;
}

/** An image that takes a while to unpack. */
export function imageOfFiles(): TestImage {
  const filesOf = (layer: number) =>
    Object.fromEntries(
      Array.from({ length: 150 }, (_, number) => [
        `usr/share/${number % 10}/file-${layer}-${number}`,
        `${layer} ${number} `.repeat(200),
      ]),
    );
  return buildImage({
    layers: [1, 2].map((layer) => ({ files: filesOf(layer) })),
  });
}

async function pullAll({ kit, references }: Scene): Promise<void> {
  const { code, stderr } = await kit.run("pull", "-q", ...references);
  assert.equal(code, 0, stderr);
}

function dray({ kit }: Scene, ...args: readonly string[]): RunningCommand {
  return spawnDray([...args, "--store", kit.dir]);
}

/** Everything but the last one. */
function others({ references }: Scene): readonly string[] {
  return references.slice(0, -1);
}

function filesOf({ references }: Scene): string {
  return references.at(-1) ?? "";
}

/** All that a killed process may do, by name. */
export const KILL_JOBS: Readonly<Record<string, KillJob>> = {
  pull: {
    async prepare({ kit, references }) {
      await kit.run("rm", ...references);
      await kit.run("prune");
    },
    start: (scene) => dray(scene, "pull", ...scene.references),
  },
  "first pull": {
    prepare: ({ kit }) => Deno.remove(kit.dir, { recursive: true }),
    start: (scene) => dray(scene, "pull", ...scene.references),
  },
  "pull --unpack": {
    async prepare({ kit, references }) {
      await kit.run("rm", ...references);
      await kit.run("prune");
    },
    start: (scene) => dray(scene, "pull", "--unpack", filesOf(scene)),
    async check(scene, when) {
      const args = ["pull", "-q", "--unpack", filesOf(scene)];
      const { code, stderr } = await scene.kit.run(...args);
      assert.equal(code, 0, `${when}: ${stderr}`);
      await checkUnpackedLayers(scene, when);
    },
  },
  rm: {
    prepare: pullAll,
    start: (scene) => dray(scene, "rm", ...others(scene)),
  },
  prune: {
    async prepare(scene) {
      await pullAll(scene);
      await scene.kit.run("rm", ...others(scene));
    },
    start: (scene) => dray(scene, "prune"),
  },
  unpack: unpackJob(),
  "unpack --layers": unpackJob("--layers"),
  unpackToStore: {
    async prepare(scene) {
      await pullAll(scene);
      await removeTree(`${scene.kit.dir}/layers`);
    },
    start: (scene) =>
      spawnCommand(Deno.execPath(), [
        "run",
        "-A",
        "--quiet",
        "--no-check",
        UNPACK,
        scene.kit.dir,
        filesOf(scene),
      ]),
    check: checkUnpackedLayers,
  },
  "verify --repair": {
    async prepare(scene) {
      await pullAll(scene);
      await damage(scene);
    },
    start: (scene) => dray(scene, "verify", "--repair"),
    mayNeedRepair: true,
    keepsAll: true,
  },
  "verify --repair of a lost database": {
    async prepare(scene) {
      await pullAll(scene);
      const path = `${scene.kit.dir}/oci.db`;
      await Deno.writeTextFile(path, "no database\n".repeat(1000));
      for (const end of ["-wal", "-shm"]) await removeTree(path + end);
    },
    start: (scene) => dray(scene, "verify", "--repair"),
    mayNeedRepair: true,
    keepsAll: true,
  },
  migration: {
    async prepare(scene) {
      await pullAll(scene);
      await toFormatOne(scene.kit.dir);
    },
    start: (scene) => dray(scene, "images"),
    keepsAll: true,
  },
};

/** The folder is whole or not there, and the next run makes it whole. */
function unpackJob(...flags: readonly string[]): KillJob {
  const dirOf = ({ kit }: Scene, end = ""): string =>
    `${kit.dir}/../unpacked${flags.join("")}${end}`;
  const argsOf = (scene: Scene, end = ""): readonly string[] => [
    "unpack",
    ...flags,
    filesOf(scene),
    dirOf(scene, end),
  ];
  return {
    async prepare(scene) {
      await pullAll(scene);
      await removeTree(dirOf(scene));
    },
    start: (scene) => dray(scene, ...argsOf(scene)),
    async check(scene, when) {
      const whole = dirOf(scene, "-whole");
      await removeTree(whole);
      assert.equal((await scene.kit.run(...argsOf(scene, "-whole"))).code, 0);
      if (!isThere(dirOf(scene))) {
        const { code, stderr } = await scene.kit.run(...argsOf(scene));
        assert.equal(code, 0, `${when}: ${stderr}`);
      }
      const times = { times: false };
      assert.deepEqual(
        snapshotTree(dirOf(scene), times),
        snapshotTree(whole, times),
        when,
      );
      const left = [...Deno.readDirSync(`${scene.kit.dir}/..`)]
        .filter(({ name }) => name.includes(".dray-unpack-"));
      assert.deepEqual(left, [], when);
    },
  };
}

/** Every folder in layers/ is whole: another process unpacks the same again beside it. */
async function checkUnpackedLayers(scene: Scene, when: string): Promise<void> {
  const dir = `${scene.kit.dir}/../layers`;
  await removeTree(dir);
  const { code } = await scene.kit.run(
    "unpack",
    "--layers",
    filesOf(scene),
    dir,
  );
  assert.equal(code, 0, when);
  const stored = `${scene.kit.dir}/layers`;
  for (const { name } of isThere(stored) ? Deno.readDirSync(stored) : []) {
    if (!name.startsWith("sha256-")) continue;
    assert.deepEqual(
      snapshotTree(`${stored}/${name}`, { times: false }),
      snapshotTree(`${dir}/${name}`, { times: false }),
      when,
    );
  }
}

/** Flips a byte in one blob, cuts another off, and removes a third. */
async function damage({ kit }: Scene): Promise<void> {
  const dir = `${kit.dir}/blobs/sha256`;
  const [one, two, three] = [...Deno.readDirSync(dir)]
    .map(({ name }) => `${dir}/${name}`).sort(() => Math.random() - 0.5);
  assert.ok(one && two && three);
  const bytes = await Deno.readFile(one);
  bytes[0] = (bytes[0] ?? 0) ^ 1;
  await Deno.writeFile(one, bytes);
  await Deno.truncate(two, 10);
  await Deno.remove(three);
}

function isThere(path: string): boolean {
  try {
    Deno.lstatSync(path);
    return true;
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return false;
    throw error;
  }
}

async function removeTree(path: string): Promise<void> {
  if (isThere(path)) await Deno.remove(path, { recursive: true });
}
