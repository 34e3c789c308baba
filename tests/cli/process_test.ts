import assert from "node:assert/strict";
import { BLOBS, stallAfter } from "../testing/faults.ts";
import { startFakeRegistry } from "../testing/fake_registry.ts";
import { buildImage } from "../testing/image_builder.ts";
import { runDray, spawnDray } from "../testing/run_dray.ts";
import { tempDir } from "../testing/temp_dir.ts";

// Larger than what the transfer gathers before it writes.
const image = buildImage({ layers: [{ randomBytes: 4_000_000 }] });

Deno.test("the program prints its version and sets the exit code", async () => {
  assert.deepEqual(await runDray(["--version"]), {
    code: 0,
    signal: null,
    stdout: "dray 0.1.0\n",
    stderr: "",
  });
  assert.equal((await runDray(["nope"])).code, 2);
});

Deno.test("dray demo pulls its sample, leaves nothing behind, and keeps a store that is named", async () => {
  await using dir = await tempDir();
  await Deno.mkdir(dir.join("tmp"));
  const env = { TMPDIR: dir.join("tmp") };
  const demo = await runDray(["demo"], { env });
  assert.equal(demo.code, 0, demo.stderr);
  assert.match(
    demo.stdout,
    /^127\.0\.0\.1:\d+\/dray\/sample:1@sha256:[0-9a-f]{64}\n/,
  );
  assert.match(demo.stdout, /^LAYER +DIGEST +SIZE +STATUS$/m);
  assert.match(demo.stderr, /dray pull alpine\n$/);
  assert.deepEqual([...Deno.readDirSync(dir.join("tmp"))], []);

  const kept = await runDray([
    "demo",
    "--json",
    "-q",
    "--store",
    dir.join("store"),
  ], { env });
  assert.equal(kept.stderr, "");
  const { reference, digest } = JSON.parse(kept.stdout);
  const images = await runDray([
    "images",
    "--json",
    "--store",
    dir.join("store"),
  ]);
  assert.deepEqual([
    JSON.parse(images.stdout).reference,
    JSON.parse(images.stdout).digest,
  ], [
    reference,
    digest,
  ]);
});

for (const signal of ["SIGINT", "SIGTERM"] as const) {
  Deno.test(`${signal} ends a pull with exit code 130 and keeps what came, for the next`, async () => {
    await using registry = startFakeRegistry();
    await using dir = await tempDir();
    const reference = registry.push("team/app", "v1", image);
    const args = ["pull", reference, "--store", dir.path, "--progress", "json"];
    registry.fault({ match: BLOBS, fault: stallAfter(2_000_000) });
    await using child = spawnDray(args);
    await child.stderrMatches(/"received":[1-9]/);
    child.kill(signal);
    const { code, stdout, stderr } = await child.result;
    assert.deepEqual([code, stdout], [130, ""], stderr);
    assert.match(stderr, /"code":"interrupted","exitCode":130/);
    assert.doesNotMatch(stderr, /\n {4}at /);
    registry.clearFaults();
    const next = await runDray([...args, "--json"]);
    assert.equal(next.code, 0, next.stderr);
    assert.equal(
      JSON.parse(next.stdout).platforms[0].layers[0].status,
      "resumed",
    );
  });
}

Deno.test("results on a pipe that nobody reads are no error", async () => {
  await using dir = await tempDir();
  const store = dir.join("store");
  await runDray(["demo", "-q", "--store", store]);
  const reader = new Deno.Command("sh", {
    args: [
      "-c",
      'exec 3>&1; ("$@"; echo "code $?" >&3) | true',
      "sh",
      ...drayCommand(),
      "images",
      "--store",
      store,
    ],
    stdout: "piped",
    stderr: "piped",
  });
  const { stdout, stderr } = await reader.output();
  assert.equal(new TextDecoder().decode(stderr), "");
  assert.equal(new TextDecoder().decode(stdout), "code 0\n");
});

Deno.test("results that can't be written are exit code 7", async () => {
  const full = new Deno.Command("sh", {
    args: ["-c", '"$@" > /dev/full', "sh", ...drayCommand(), "help"],
    stderr: "piped",
  });
  const { code, stderr } = await full.output();
  assert.equal(code, 7);
  assert.match(
    new TextDecoder().decode(stderr),
    /^dray: error: Cannot write "stdout": /,
  );
});

function drayCommand(): readonly string[] {
  const binary = Deno.env.get("DRAY_BIN");
  if (binary !== undefined) return [binary];
  const main = new URL("../../main.ts", import.meta.url).pathname;
  return [Deno.execPath(), "run", "--quiet", "-A", main];
}
