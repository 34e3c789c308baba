import assert from "node:assert/strict";
import { requirePeers } from "../testing/peers.ts";
import { runCommand } from "../testing/run_command.ts";
import {
  imageOfFiles,
  KILL_JOBS,
  type KillJob,
  type Scene,
} from "./kill_jobs.ts";
import { imageWith, maintainedStore } from "./maintained_store.ts";

const peers = await requirePeers("skopeo");
const MOMENTS = Deno.env.has("DRAY_SOAK") ? 300 : 44;

peers.test(`kill -9 at ${MOMENTS} random moments leaves a store that verifies or mends itself, and that skopeo reads`, async () => {
  await using kit = await maintainedStore();
  const references = [1, 2, 3].map((seed) =>
    kit.registry.push("team/app", `v${seed}`, imageWith(seed, 300_000))
  );
  references.push(kit.registry.push("team/files", "v1", imageOfFiles()));
  const scene = { kit, references };
  assert.equal((await kit.run("pull", "-q", ...references)).code, 0);
  const killed: Record<string, number> = {};
  const usualMs = new Map<string, number>();
  for (let moment = 0; moment < MOMENTS; moment++) {
    const [name, job] = at(Object.entries(KILL_JOBS), moment);
    await job.prepare(scene);
    const wholeMs = await killAtRandom(scene, job, usualMs.get(name));
    if (wholeMs === undefined) killed[name] = (killed[name] ?? 0) + 1;
    else usualMs.set(name, wholeMs);
    const when = `after ${name}, moment ${moment}`;
    await mustBeSound(scene, job, when);
    await mustBeReadable(scene, when);
    await job.check?.(scene, when);
  }
  console.error(JSON.stringify(killed));
  const total = Object.values(killed).reduce((sum, count) => sum + count, 0);
  assert.ok(total >= MOMENTS / 4, `killed ${total} of ${MOMENTS} times`);
});

/** Kills a job somewhere on its way; how long it took where it was faster. */
async function killAtRandom(
  scene: Scene,
  job: KillJob,
  usualMs = 300,
): Promise<number | undefined> {
  await using child = job.start(scene);
  const startedAt = performance.now();
  // The first quarter is the program's start, where nothing happens in the store.
  const timer = setTimeout(
    () => child.kill("SIGKILL"),
    usualMs * (0.25 + 0.75 * Math.random()),
  );
  const { signal } = await child.result;
  clearTimeout(timer);
  return signal === "SIGKILL" ? undefined : performance.now() - startedAt;
}

async function mustBeSound(
  { kit, references }: Scene,
  job: KillJob,
  when: string,
): Promise<void> {
  // Damage that was there before may still be there, no other.
  if (job.mayNeedRepair) {
    const { code, stderr } = await kit.run("verify", "--repair", "-q");
    assert.equal(code, 0, `${when}: ${stderr}`);
  }
  const { code, stdout, stderr } = await kit.run("verify", "-q");
  assert.equal(code, 0, `${when}: ${stdout}${stderr}`);
  if (!job.keepsAll) return;
  const { stdout: listed } = await kit.run("images", "-q");
  assert.equal(listed, references.map((name) => `${name}\n`).join(""), when);
}

async function mustBeReadable(
  { kit }: Scene,
  when: string,
): Promise<void> {
  const { stdout } = await kit.run("images", "-q");
  const listed = stdout.split("\n").filter((line) => line !== "");
  if (listed.length === 0) return;
  const { manifests } = JSON.parse(
    await Deno.readTextFile(`${kit.dir}/index.json`),
  );
  assert.equal(manifests.length, listed.length, when);
  await Promise.all(listed.map(async (reference) => {
    const args = ["inspect", `oci:${kit.dir}:${reference}`];
    const { code, stderr } = await runCommand("skopeo", args);
    assert.equal(code, 0, `${when}: skopeo ${stderr}`);
  }));
}

function at<T>(items: readonly T[], position: number): T {
  const item = items[position % items.length];
  if (item === undefined) throw new TypeError("nothing to pick from");
  return item;
}
