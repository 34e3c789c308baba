import assert from "node:assert/strict";
import { startFakeRegistry } from "../testing/fake_registry.ts";
import { buildImage } from "../testing/image_builder.ts";
import { requirePeers } from "../testing/peers.ts";
import { drayCommand, sourceEnv } from "../testing/run_dray.ts";
import { tempDir } from "../testing/temp_dir.ts";
import { quote, startTmux, type Tmux } from "../testing/tmux.ts";

const terminals = await requirePeers("tmux");

const LAYERS = 4;
const image = buildImage({
  layers: Array.from({ length: LAYERS }, (_, seed) => ({
    randomBytes: 1_500_000,
    seed,
  })),
});
const small = buildImage({ layers: [{ randomBytes: 50_000 }] });
const many = buildImage({
  layers: Array.from({ length: 60 }, (_, seed) => ({
    randomBytes: 20_000,
    seed,
  })),
});

const SHELL = `trap : INT TERM HUP; "$@"; echo "exit $?"; exec sleep 100`;

/** A pull on its way, in a terminal; slow enough to be looked at. */
async function startPull(
  reference: string,
  store: string,
  options: {
    readonly columns?: number;
    readonly rows?: number;
    readonly env?: Readonly<Record<string, string>>;
    readonly args?: readonly string[];
  } = {},
): Promise<Tmux> {
  const { args = ["--limit-rate", "150k"], env, ...size } = options;
  const line = ["pull", reference, "--plain-http", "--store", store, ...args];
  return await startTmux({
    // The shell outlives the signals that end the program, and tells how it ended.
    command: ["sh", "-c", SHELL, "sh", ...drayCommand(), ...line],
    env: { ...sourceEnv(), ...env },
    ...size,
  });
}

const WIDE =
  /^ {2}[0-9a-f]{12} {2}━*─+ +[\d.]+ k?M?B \/ 1\.5 MB +[\d.]+ kB\/s$/m;
const NARROW = /^ {2}[0-9a-f]{12} {2}━*─+ +\d+%$/m;

/** What stands on the screen while a pull is under way. */
function assertBlock(screen: string, blob: RegExp): void {
  const lines = screen.split("\n");
  assert.equal(lines.length, 1 + LAYERS + 2, screen);
  assert.match(lines[0] ?? "", /^127\.0\.0\.1:\d+\/team\/app:v1/);
  for (const line of lines.slice(1, 1 + LAYERS)) assert.match(line, blob);
  assert.match(lines.at(-2) ?? "", /^ {2}total {9}━*─+ /);
  assert.match(lines.at(-1) ?? "", /^ {2}0 of 4 done, \d+ [a-z0-9 ]+ left/);
}

terminals.test("dray pull draws a bar a blob in a real terminal, follows its size, and leaves it clean after Ctrl-C", async () => {
  await using registry = startFakeRegistry();
  await using dir = await tempDir();
  const reference = registry.push("team/app", "v1", image);
  await using tmux = await startPull(reference, dir.path);
  assertBlock(
    await tmux.waitFor(new RegExp(`(${WIDE.source}\\n?){4}`, "m")),
    WIDE,
  );
  assert.ok((await tmux.screen({ colors: true })).includes("\x1b["));
  await tmux.resize(40, 24);
  const narrow = await tmux.waitFor(
    new RegExp(`(${NARROW.source}\\n?){4}`, "m"),
  );
  for (const line of narrow.split("\n")) assert.ok([...line].length < 40, line);
  await tmux.resize(100, 30);
  await tmux.waitFor(new RegExp(`(${WIDE.source}\\n?){4}`, "m"));
  await tmux.keys("C-c");
  const end = await tmux.waitFor(/^exit 130$/m);
  assert.match(
    end,
    /^dray: error: Cannot go on: interrupted\nhint: run it again to go on where it stopped$/m,
  );
  assert.doesNotMatch(end, /━|total/);
  assert.equal(await tmux.cursorIsVisible(), true);
});

terminals.test("dray pull shows what fits on 40 columns and few rows, with 60 layers at work", async () => {
  await using registry = startFakeRegistry();
  await using dir = await tempDir();
  const reference = registry.push("team/app", "v1", many);
  const args = ["--limit-rate", "100k", "--max-connections", "60"];
  const size = { columns: 40, rows: 10 };
  await using tmux = await startPull(reference, dir.path, { ...size, args });
  const screen = await tmux.waitFor(/\d+ more at work/);
  const lines = screen.split("\n");
  assert.ok(lines.length < 10, screen);
  assert.match(lines[0] ?? "", /^127/);
  for (const line of lines) assert.ok([...line].length < 40, line);
});

terminals.test("dray pull paints nothing with NO_COLOR", async () => {
  await using registry = startFakeRegistry();
  await using dir = await tempDir();
  const reference = registry.push("team/app", "v1", image);
  const env = { NO_COLOR: "1" };
  await using tmux = await startPull(reference, dir.path, { env });
  await tmux.waitFor(WIDE);
  // deno-lint-ignore no-control-regex
  assert.doesNotMatch(await tmux.screen({ colors: true }), /\x1b/);
});

terminals.test("dray pull leaves its summary and its result on the screen, and nothing else", async () => {
  await using registry = startFakeRegistry();
  await using dir = await tempDir();
  const reference = registry.push("team/app", "v1", small);
  const size = { columns: 120 };
  await using tmux = await startPull(reference, dir.path, {
    ...size,
    args: [],
  });
  const screen = await tmux.waitFor(/^exit 0$/m);
  const [summary, ...result] = screen.split("\n");
  assert.match(
    summary ?? "",
    /^✓ \S+\/team\/app:v1: 5\d\.\d kB from 127\.0\.0\.1:\d+ in \d\.\d s \(.*\/s\), 1 blob$/,
  );
  const { digest } = small.root.descriptor;
  assert.deepEqual(result, [`${reference}@${digest}`, "exit 0"]);
});

for (const signal of ["SIGTERM", "SIGHUP", "SIGKILL"] as const) {
  terminals.test(`dray pull leaves the cursor visible after ${signal}`, async () => {
    await using registry = startFakeRegistry();
    await using dir = await tempDir();
    const reference = registry.push("team/app", "v1", image);
    await using tmux = await startPull(reference, dir.path);
    await tmux.waitFor(WIDE);
    await tmux.kill(signal);
    await tmux.waitFor(signal === "SIGKILL" ? /^exit 137$/m : /^exit 130$/m);
    assert.equal(await tmux.cursorIsVisible(), true);
  });
}

terminals.test("dray pull goes on below what the shell wrote after Ctrl-Z and fg", async () => {
  await using registry = startFakeRegistry();
  await using dir = await tempDir();
  const reference = registry.push("team/app", "v1", image);
  const line = [...drayCommand(), "pull", reference, "--plain-http"];
  const args = ["--store", dir.path, "--limit-rate", "150k"];
  await using tmux = await startTmux({
    command: ["bash", "--norc", "--noprofile", "-i"],
    env: { ...sourceEnv(), PS1: "> ", HISTFILE: "/dev/null" },
    columns: 100,
  });
  await tmux.waitFor(/^>/m);
  await Deno.writeTextFile(
    dir.join("run.sh"),
    "exec " + [...line, ...args].map(quote).join(" "),
  );
  await tmux.type(`sh ${dir.join("run.sh")}`);
  await tmux.keys("Enter");
  await tmux.waitFor(WIDE);
  await tmux.keys("C-z");
  await tmux.waitFor(/Stopped/);
  await tmux.type("fg");
  await tmux.keys("Enter");
  const screen = await tmux.waitFor(
    /Stopped[^]*> fg\n[^]*\n {2}total [^]*done, \d+ [a-z0-9 ]+ left/,
  );
  assert.match(screen, /total [^]*Stopped/);
  await tmux.keys("C-c");
  await tmux.waitFor(/> fg\n[^━]*interrupted\nhint: /);
});
