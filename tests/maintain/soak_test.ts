import assert from "node:assert/strict";
import { fileURLToPath } from "node:url";
import { spawnCommand } from "../testing/run_command.ts";
import { digestOf } from "../testing/test_bytes.ts";
import { imageWith, maintainedStore } from "./maintained_store.ts";

const PROCESS = fileURLToPath(new URL("./churn_process.ts", import.meta.url));
const PROCESSES = 8;
const MS = Deno.env.has("DRAY_SOAK") ? 60_000 : 20_000;

Deno.test("eight processes that pull, remove, prune and verify at random never see damage, and leave none", async () => {
  await using kit = await maintainedStore();
  const references = [1, 2, 3, 4, 5, 6].map((seed) =>
    kit.registry.push("team/app", `v${seed}`, imageWith(seed, 120_000))
  );
  const until = String(Date.now() + MS);
  const children = Array.from(
    { length: PROCESSES },
    (_, number) =>
      spawnCommand(Deno.execPath(), [
        "run",
        "-A",
        "--quiet",
        "--no-check",
        PROCESS,
        kit.dir,
        until,
        String(number + 1),
        ...references,
      ]),
  );
  const watched = watch(kit.dir, Number(until));
  // Awaited below, after the processes have said what went wrong.
  watched.catch(() => {});
  const sums: Record<string, number> = {};
  for (const child of children) {
    await using ended = child;
    const { code, stdout, stderr } = await ended.result;
    assert.equal(code, 0, stderr);
    for (const [what, count] of Object.entries(JSON.parse(stdout))) {
      sums[what] = (sums[what] ?? 0) + Number(count);
    }
  }
  const looks = await watched;
  assert.ok(looks.indexes > 100 && looks.blobs > 100, JSON.stringify(looks));
  console.error(JSON.stringify({ ...sums, ...looks }));
  for (const [what, count] of Object.entries(sums)) {
    assert.ok(count >= PROCESSES, `${what} ${count} times`);
  }
  assert.equal((await kit.run("verify", "--json")).code, 0);
  for (const reference of references) await kit.run("rm", reference);
  await kit.run("prune", "--partials-older-than", "0");
  assert.deepEqual([...Deno.readDirSync(`${kit.dir}/blobs/sha256`)], []);
  const left = [...Deno.readDirSync(`${kit.dir}/ingest`)]
    .filter(({ name }) => !name.endsWith(".lock"));
  assert.deepEqual(left, []);
  assert.deepEqual([...Deno.readDirSync(`${kit.dir}/layers`)], []);
});

/** Reads like another tool, who knows of no lock: what has its name must be whole, always. */
async function watch(dir: string, untilMs: number) {
  const looks = { indexes: 0, blobs: 0 };
  while (Date.now() < untilMs) {
    await new Promise((resolve) => setTimeout(resolve, 2));
    const text = await readIfThere(`${dir}/index.json`);
    if (text === undefined) continue;
    const { manifests } = JSON.parse(new TextDecoder().decode(text));
    assert.ok(Array.isArray(manifests));
    looks.indexes++;
    const names = [...Deno.readDirSync(`${dir}/blobs/sha256`)];
    const { name } = names[looks.indexes % names.length] ?? {};
    if (name === undefined) continue;
    const bytes = await readIfThere(`${dir}/blobs/sha256/${name}`);
    if (bytes === undefined) continue;
    assert.equal(digestOf(bytes), `sha256:${name}`);
    looks.blobs++;
  }
  return looks;
}

async function readIfThere(
  path: string,
): Promise<Uint8Array<ArrayBuffer> | undefined> {
  try {
    return await Deno.readFile(path);
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return undefined;
    throw error;
  }
}
