import assert from "node:assert/strict";
import { runInProcess } from "../cli/fake_host.ts";
import { runDray } from "../testing/run_dray.ts";
import { tempDir } from "../testing/temp_dir.ts";
import { mustRun } from "../testing/run_command.ts";
import { type ExportFixture, exportFixture, nameOf } from "./export_fixture.ts";

function run(kit: ExportFixture, ...args: readonly string[]) {
  return runInProcess(["export", "--store", kit.store.dir, ...args]);
}

Deno.test("dray export prints the path, and with --json what is there", async () => {
  await using kit = await exportFixture();
  const path = kit.dir.join("x.tar");
  const plain = await run(kit, "one:1", "-o", path);
  assert.equal(plain.stdout, `${path}\n`);
  assert.match(plain.stderr, /1 image, .* to /);
  const { stdout } = await run(kit, "multi:1", "-o", path, "--json");
  const { elapsedMs, ...result } = JSON.parse(stdout);
  const digest = kit.images["multi"]?.root.descriptor.digest;
  assert.equal(typeof elapsedMs, "number");
  assert.deepEqual(result, {
    format: "oci-archive",
    path,
    images: [{
      reference: nameOf("multi"),
      digest,
      exportedDigest: digest,
      mediaType: "application/vnd.oci.image.index.v1+json",
      platforms: ["linux/amd64", "linux/arm64"],
    }],
    bytes: (await Deno.stat(path)).size,
  });
});

Deno.test("dray export says so where the digest changes", async () => {
  await using kit = await exportFixture();
  const path = kit.dir.join("x.tar");
  const { stderr } = await run(
    kit,
    ...["multi:1", "--platform", "linux/arm64", "-o", path],
  );
  const { digest } = kit.images["multi"]?.images[1]?.root.descriptor ?? {};
  assert.ok(stderr.includes(`only linux/arm64, so its digest is ${digest}`));
});

Deno.test("dray export says so where skopeo will not find an image by its name", async () => {
  await using kit = await exportFixture();
  const path = kit.dir.join("x.tar");
  const { stderr } = await run(kit, "docker:1", "-o", path);
  assert.match(stderr, /docker:1: is in Docker's own format/);
  const docker = ["--format", "docker-archive"];
  const other = await run(kit, "docker:1", "-o", path, ...docker);
  assert.doesNotMatch(other.stderr, /own format/);
});

Deno.test("dray export refuses wrong usage before it does anything", async () => {
  await using kit = await exportFixture();
  const path = kit.dir.join("x");
  const cases: readonly (readonly [readonly string[], number, RegExp])[] = [
    [["one:1"], 2, /no output is named\nhint: say where to: -o FILE/],
    [["one:1", "-o", "-", "--format", "oci-dir"], 2, /folder to stdout/],
    [["one:1", "-o", path, "--format", "zip"], 2, /has no value "zip"/],
    [["one:1", "-o", path, "--platform", "a b"], 2, /platform/],
    [["none", "-o", path], 3, /not in the store/],
  ];
  for (const [args, code, message] of cases) {
    const outcome = await run(kit, ...args);
    assert.equal(outcome.code, code, outcome.stderr);
    assert.match(outcome.stderr, message);
    assert.equal(outcome.stdout, "");
  }
  const store = ["--store", kit.store.dir];
  const args = ["export", ...store, "one:1", "-o", "-"];
  const terminal = await runInProcess(args, { stdoutIsTerminal: true });
  assert.equal(terminal.code, 2);
  assert.match(terminal.stderr, /Cannot export to a terminal/);
});

/** Runs a shell script in which `"$@"` is dray; yields its stderr. */
async function runShell(kit: ExportFixture, script: string): Promise<string> {
  const root = new URL("../..", import.meta.url).pathname;
  const run = ["run", "--quiet", "--no-prompt", "--config", `${root}deno.json`];
  const dray = [Deno.execPath(), ...run, "-P=dray", `${root}main.ts`];
  const globals = ["--store", kit.store.dir, "--progress", "none"];
  const log = kit.dir.join("log");
  const args = ["-c", `exec 2>"$0"; ${script}`, log, ...dray, ...globals];
  await mustRun("/bin/sh", args, { cwd: kit.dir.path });
  return await Deno.readTextFile(log);
}

Deno.test("dray export -o - writes the archive and nothing else to stdout", async () => {
  await using kit = await exportFixture();
  const { dir } = kit;
  await runShell(kit, '"$@" export --json huge:1 -o - > piped.tar');
  await run(kit, "huge:1", "-o", dir.join("file.tar"));
  assert.deepEqual(
    await Deno.readFile(dir.join("piped.tar")),
    await Deno.readFile(dir.join("file.tar")),
  );
});

Deno.test("dray export -o - fails when its reader goes away before the end", async () => {
  await using kit = await exportFixture();
  const script = '{ "$@" export huge:1 -o -; echo "code $?" >&2; } | head -c 1';
  assert.equal(
    await runShell(kit, script),
    "dray: error: Cannot export to stdout: whoever read it went away before its end\ncode 7\n",
  );
});

Deno.test("dray export -o - is stopped by signals though its reader is asleep", async () => {
  await using kit = await exportFixture();
  // The first is answered at once, the second ends the write that nobody takes.
  const script = `mkfifo pipe; exec 3<>pipe
    "$@" export huge:1 -o - > pipe & dray=$!
    (sleep 20; kill -KILL $dray; echo late > late) > /dev/null 2>&1 &
    head -c 1 <&3 > out; kill -TERM $dray
    while ! grep -q interrupted "$0"; do sleep 0.05; done
    kill -TERM $dray; wait $dray; kill $!; true`;
  const log = await runShell(kit, script);
  assert.match(log, /^dray: error: Cannot go on: interrupted/);
  assert.equal(await exists(kit.dir.join("late")), false);
});

async function exists(path: string): Promise<boolean> {
  return await Deno.stat(path).then(() => true, () => false);
}

Deno.test("dray export makes no store where there is none", async () => {
  await using dir = await tempDir();
  const store = ["--store", dir.join("none")];
  const args = ["export", "x", "-o", dir.join("x.tar"), ...store];
  const { code } = await runInProcess(args);
  assert.equal(code, 3);
  assert.deepEqual([...Deno.readDirSync(dir.path)], []);
});

Deno.test("dray export works with the permissions that users have", async () => {
  await using kit = await exportFixture();
  const path = kit.dir.join("x");
  for (const format of ["oci-archive", "oci-dir"]) {
    const args = ["--store", kit.store.dir, "--format", format];
    const out = `${path}-${format}`;
    const { code, stderr } = await runDray(
      ["export", "one:1", "-o", out, ...args],
    );
    assert.equal(code, 0, stderr);
  }
});

Deno.test("dray export -o /dev/stdout is stdout", async () => {
  await using kit = await exportFixture();
  const named = await run(kit, "one:1", "-q", "-o", "/dev/stdout");
  const dash = await run(kit, "one:1", "-q", "-o", "-");
  assert.equal(named.code, 0, named.stderr);
  assert.equal(named.stdout, dash.stdout);
  const folder = await run(
    kit,
    ...["one:1", "--format=oci-dir", "-o", "/dev/stdout"],
  );
  assert.equal(folder.code, 2);
});
