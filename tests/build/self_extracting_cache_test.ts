import assert from "node:assert/strict";
import { requirePeers } from "../testing/peers.ts";
import { mustRun, runCommand, spawnCommand } from "../testing/run_command.ts";
import { fakeExecutable } from "./fake_executable.ts";

const busybox = await requirePeers("busybox");
const TOOLS = ["cat", "find", "grep", "id", "ls", "mkdir", "mktemp", "mv"];
const MORE_TOOLS = ["rm", "sh", "tail", "tar", "tr", "uname", "wc", "gzip"];
const DAY_MS = 24 * 60 * 60 * 1000;

Deno.test("the first run of a self-extracting file unpacks to a folder that is the user's alone, later ones use it", async () => {
  await using dray = await fakeExecutable();
  const options = { env: dray.env, clearEnv: true };
  const first = await mustRun(dray.path, ["where"], options);
  assert.match(first, /\/cache\/[0-9a-f]{64}\/dray\nmain\n\{\}\n$/);
  const [app = ""] = list(dray.cache);
  const { mode, ino } = await Deno.stat(`${dray.cache}/${app}`);
  assert.equal((mode ?? 0) & 0o777, 0o700);
  assert.equal(await mustRun(dray.path, ["where"], options), first);
  assert.deepEqual(list(dray.cache), [app]);
  assert.equal((await Deno.stat(`${dray.cache}/${app}`)).ino, ino);
});

Deno.test("eight first runs of a self-extracting file at once leave one folder, and each does its work", async () => {
  await using dray = await fakeExecutable();
  const options = { env: dray.env, clearEnv: true };
  const runs = Array.from(
    { length: 8 },
    (_, run) => mustRun(dray.path, ["args", String(run)], options),
  );
  const expected = runs.map((_, run) => `<${run}>`);
  assert.deepEqual(await Promise.all(runs), expected);
  const [app = "", ...others] = list(dray.cache);
  assert.deepEqual(others, []);
  assert.deepEqual(list(`${dray.cache}/${app}`), [
    "deno.json",
    "dray",
    "main.js",
    "run_df.js",
    "src",
    "used",
  ]);
});

busybox.test("a self-extracting file unpacks with no tools but busybox's, and checks it without sha256sum", async () => {
  await using dray = await fakeExecutable();
  const bin = dray.join("bin");
  await Deno.mkdir(bin);
  const program = (await mustRun("sh", ["-c", "command -v busybox"])).trim();
  for (const tool of [...TOOLS, ...MORE_TOOLS]) {
    await Deno.symlink(program, `${bin}/${tool}`);
  }
  const options = { env: { ...dray.env, PATH: bin }, clearEnv: true };
  const args = [dray.path, "args", "x"];
  assert.equal(await mustRun(`${bin}/sh`, args, options), "<x>");

  await Deno.remove(dray.cache, { recursive: true });
  await Deno.symlink(program, `${bin}/sha256sum`);
  assert.equal(await mustRun(`${bin}/sh`, args, options), "<x>");

  await Deno.remove(dray.cache, { recursive: true });
  await Deno.remove(`${bin}/gzip`);
  const { code, stderr } = await runCommand(`${bin}/sh`, args, options);
  assert.deepEqual([code, stderr], [
    7,
    'dray: error: Cannot unpack dray: no "gzip" here\nhint: install gzip; later runs need none\n',
  ]);
});

Deno.test("a self-extracting file unpacks again what a cleaner has taken out of its cache", async () => {
  await using dray = await fakeExecutable();
  const options = { env: dray.env, clearEnv: true };
  await mustRun(dray.path, ["args"], options);
  const [app = ""] = list(dray.cache);
  for (const name of ["dray", "main.js"]) {
    await Deno.truncate(`${dray.cache}/${app}/${name}`);
    assert.equal(await mustRun(dray.path, ["args", "x"], options), "<x>");
  }
  const pieces = ["deno.json", "run_df.js", "src/unpack/worker.js", "src"];
  for (const name of ["dray", "main.js", ...pieces]) {
    const path = `${dray.cache}/${app}/${name}`;
    await Deno.remove(path, { recursive: true });
    assert.equal(await mustRun(dray.path, ["args", "x"], options), "<x>");
    assert.ok((await Deno.lstat(path)).size > 0, name);
  }
  assert.deepEqual(list(dray.cache), [app]);
});

Deno.test("a self-extracting file's first run removes versions that were not used for 30 days, and nothing else", async () => {
  await using dray = await fakeExecutable();
  await using next = await fakeExecutable({ main: "next\n" });
  const options = { env: dray.env, clearEnv: true };
  await mustRun(dray.path, ["args"], options);
  const [old = ""] = list(dray.cache);
  for (const name of [".unpack-dray.killed", ".unpack-dray.busy", "mine"]) {
    await Deno.mkdir(`${dray.cache}/${name}`);
  }
  const now = Date.now();
  const age = (name: string, days: number) => {
    const time = new Date(now - days * DAY_MS);
    return Deno.utime(`${dray.cache}/${name}`, time, time);
  };
  await age("mine", 99);
  await age(".unpack-dray.killed", 3);
  await age(`${old}/used`, 29);
  await mustRun(next.path, ["args"], options);
  const [kept] = list(dray.cache).filter((name) => name === old);
  assert.equal(kept, old);

  await age(`${old}/used`, 32);
  const [other = ""] = list(dray.cache)
    .filter((name) => /^[0-9a-f]{64}$/.test(name) && name !== old);
  await Deno.remove(`${dray.cache}/${other}`, { recursive: true });
  await mustRun(next.path, ["args"], options);
  assert.deepEqual(list(dray.cache), [".unpack-dray.busy", other, "mine"]);
});

for (const signal of ["SIGINT", "SIGTERM"] as const) {
  Deno.test(`a self-extracting file that ${signal} ends while it unpacks leaves nothing behind`, async () => {
    await using dray = await fakeExecutable();
    const fifo = dray.join("fifo");
    await mustRun("mkfifo", [fifo]);
    const env = { ...dray.env, WAIT_FOR: fifo };
    // As a terminal does it: to all that belongs to the command.
    await using child = spawnCommand("setsid", [dray.path, "args"], {
      env,
      clearEnv: true,
    });
    // Returns once the unpacked program reads it.
    using _gate = await Deno.open(fifo, { write: true });
    await mustRun("kill", ["-s", signal.slice(3), "--", `-${child.pid}`]);
    const { code } = await child.result;
    assert([130, 143].includes(code), `exit code ${code}`);
    assert.deepEqual(list(dray.cache), []);
  });
}

function list(folder: string): readonly string[] {
  return [...Deno.readDirSync(folder)].map(({ name }) => name).sort();
}
