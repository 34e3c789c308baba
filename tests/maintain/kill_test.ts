import assert from "node:assert/strict";
import { requirePeers } from "../testing/peers.ts";
import { runCommand } from "../testing/run_command.ts";
import { spawnDray } from "../testing/run_dray.ts";
import {
  imageWith,
  type MaintainedStore,
  maintainedStore,
} from "./maintained_store.ts";

const peers = await requirePeers("skopeo");
const MOMENTS = Deno.env.has("DRAY_SOAK") ? 300 : 40;

/** What is killed: sets the store up for it, and says the command line. */
type Job = (
  kit: MaintainedStore,
  references: readonly string[],
) => Promise<readonly string[]>;

const JOBS: Readonly<Record<string, Job>> = {
  pull: async (kit, references) => {
    const reference = pick(references);
    await kit.run("rm", reference);
    await kit.run("prune");
    return ["pull", reference];
  },
  "first pull": async (kit, references) => {
    await Deno.remove(kit.dir, { recursive: true });
    return ["pull", ...references];
  },
  rm: async (kit, references) => {
    await kit.run("pull", ...references);
    return ["rm", ...references.slice(1)];
  },
  prune: async (kit, references) => {
    await kit.run("pull", ...references);
    await kit.run("rm", ...references.slice(1));
    return ["prune"];
  },
  "verify --repair": async (kit, references) => {
    await kit.run("pull", ...references);
    await damage(kit);
    return ["verify", "--repair"];
  },
  "verify --repair of a lost database": async (kit, references) => {
    await kit.run("pull", ...references);
    const path = `${kit.dir}/oci.db`;
    await Deno.writeTextFile(path, "no database\n".repeat(1000));
    for (const end of ["-wal", "-shm"]) {
      await Deno.remove(path + end).catch(() => undefined);
    }
    return ["verify", "--repair"];
  },
};

peers.test(`kill -9 at ${MOMENTS} random moments leaves a store that verifies or mends itself, and that skopeo reads`, async () => {
  await using kit = await maintainedStore();
  const references = [1, 2, 3, 4].map((seed) =>
    kit.registry.push("team/app", `v${seed}`, imageWith(seed, 300_000))
  );
  const killed = new Map<string, number>();
  const usualMs = new Map<string, number>();
  for (let moment = 0; moment < MOMENTS; moment++) {
    const [name, job] = at(Object.entries(JOBS), moment);
    const args = await job(kit, references);
    await using child = spawnDray([...args, "--store", kit.dir]);
    // The first quarter is the program's start, where nothing happens in the store.
    const wholeMs = usualMs.get(name) ?? 200;
    const startedAt = performance.now();
    const timer = setTimeout(
      () => child.kill("SIGKILL"),
      wholeMs * (0.25 + 0.75 * Math.random()),
    );
    const { signal } = await child.result;
    clearTimeout(timer);
    if (signal === "SIGKILL") killed.set(name, (killed.get(name) ?? 0) + 1);
    else usualMs.set(name, performance.now() - startedAt);
    const when = `after ${name}, moment ${moment}`;
    await mustBeSound(kit, references, name, when);
    await mustBeReadable(kit, when);
  }
  console.error(JSON.stringify(Object.fromEntries(killed)));
  const total = [...killed.values()].reduce((sum, count) => sum + count, 0);
  assert.ok(total >= MOMENTS / 4, `killed ${total} of ${MOMENTS} times`);
});

async function mustBeSound(
  kit: MaintainedStore,
  references: readonly string[],
  job: string,
  when: string,
): Promise<void> {
  // Damage that was there before may still be there, no other.
  if (job.startsWith("verify --repair")) {
    const { code, stderr } = await kit.run("verify", "--repair", "-q");
    assert.equal(code, 0, `${when}: ${stderr}`);
  }
  const { code, stdout, stderr } = await kit.run("verify", "-q");
  assert.equal(code, 0, `${when}: ${stdout}${stderr}`);
  if (!job.startsWith("verify")) return;
  const { stdout: listed } = await kit.run("images", "-q");
  assert.equal(listed, references.map((name) => `${name}\n`).join(""), when);
}

async function mustBeReadable(
  kit: MaintainedStore,
  when: string,
): Promise<void> {
  const { stdout } = await kit.run("images", "-q");
  const database = stdout.split("\n").filter((line) => line !== "");
  const { manifests } = JSON.parse(
    await Deno.readTextFile(`${kit.dir}/index.json`),
  );
  assert.equal(manifests.length, database.length, when);
  await Promise.all(database.map(async (reference) => {
    const args = ["inspect", `oci:${kit.dir}:${reference}`];
    const { code, stderr } = await runCommand("skopeo", args);
    assert.equal(code, 0, `${when}: skopeo ${stderr}`);
  }));
}

/** Flips a byte in one blob, cuts another off, and removes a third. */
async function damage(kit: MaintainedStore): Promise<void> {
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

function pick<T>(items: readonly T[]): T {
  return at(items, Math.floor(Math.random() * items.length));
}

function at<T>(items: readonly T[], position: number): T {
  const item = items[position % items.length];
  if (item === undefined) throw new TypeError("nothing to pick from");
  return item;
}
