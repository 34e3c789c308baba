import assert from "node:assert/strict";
import {
  answerStatus,
  BLOBS,
  cutAfter,
  flipByte,
  MANIFESTS,
} from "../testing/faults.ts";
import { startFakeRegistry } from "../testing/fake_registry.ts";
import { buildImage, buildMultiPlatform } from "../testing/image_builder.ts";
import { tempDir } from "../testing/temp_dir.ts";
import { runInProcess } from "./fake_host.ts";

const image = buildImage({ layers: [{ randomBytes: 50_000 }, { seed: 2 }] });
const other = buildImage({ layers: [{ randomBytes: 20_000, seed: 3 }] });

Deno.test("dray pull prints the reference with its digest on stdout, and nothing else", async () => {
  await using registry = startFakeRegistry();
  await using dir = await tempDir();
  const reference = registry.push("team/app", "v1", image);
  const { code, stdout, stderr } = await runInProcess([
    "pull",
    reference,
    "--store",
    dir.path,
  ]);
  assert.equal(code, 0, stderr);
  assert.equal(stdout, `${reference}@${image.root.descriptor.digest}\n`);
  assert.match(stderr, /: resolving\n/);
  assert.match(stderr, /: 2 blobs, \d+\.\d kB to download\n/);
  assert.match(stderr, / in \d\.\d s \(.*\/s\), 2 blobs\n$/);
});

Deno.test("dray pull says what is unchanged and what moved since the last pull", async () => {
  await using registry = startFakeRegistry();
  await using dir = await tempDir();
  const reference = registry.push("team/app", "v1", image);
  const args = ["pull", reference, "--store", dir.path];
  await runInProcess(args);
  const again = await runInProcess(args);
  assert.equal(again.stdout, `${reference}@${image.root.descriptor.digest}\n`);
  assert.match(
    again.stderr,
    /: nothing to download \(5\d\.\d kB already here\)\n/,
  );
  assert.match(
    again.stderr,
    /: unchanged, pulled just now, made \d+ \w+ ago\n/,
  );
  registry.push("team/app", "v1", other);
  const moved = await runInProcess(args);
  assert.equal(moved.stdout, `${reference}@${other.root.descriptor.digest}\n`);
  assert.match(moved.stderr, /: was [0-9a-f]{12}, pulled just now\n/);
});

Deno.test("dray pull --json prints the contract's object, with all its fields", async () => {
  await using registry = startFakeRegistry();
  await using dir = await tempDir();
  const reference = registry.push("team/app", "v1", image);
  const { code, stdout } = await runInProcess([
    "pull",
    reference,
    "--store",
    dir.path,
    "--json",
  ]);
  assert.equal(code, 0);
  const { elapsedMs, ...result } = JSON.parse(stdout);
  assert.ok(Number.isSafeInteger(elapsedMs));
  const documents = image.root.bytes.length + image.config.bytes.length;
  const layers = image.layers.map((
    { descriptor: { digest, size, mediaType }, diffId },
  ) => ({
    digest,
    diffId,
    mediaType,
    size,
    status: "downloaded",
  }));
  const total = layers.reduce((sum, { size }) => sum + size, documents);
  assert.deepEqual(result, {
    reference,
    digest: image.root.descriptor.digest,
    platforms: [{
      platform: "linux/amd64",
      manifestDigest: image.root.descriptor.digest,
      configDigest: image.config.descriptor.digest,
      layers,
    }],
    bytesTotal: total,
    bytesDownloaded: total,
    bytesReused: 0,
  });
});

Deno.test("dray pull -q writes nothing to stderr", async () => {
  await using registry = startFakeRegistry();
  await using dir = await tempDir();
  const reference = registry.push("team/app", "v1", image);
  const { code, stdout, stderr } = await runInProcess([
    "-q",
    "pull",
    reference,
    "--store",
    dir.path,
  ]);
  assert.deepEqual([code, stderr], [0, ""]);
  assert.match(stdout, /@sha256:/);
});

Deno.test("dray pull --progress json writes one event a line, with its moment", async () => {
  await using registry = startFakeRegistry();
  await using dir = await tempDir();
  const reference = registry.push("team/app", "v1", image);
  const { stdout, stderr } = await runInProcess([
    "pull",
    reference,
    "--store",
    dir.path,
    "--progress=json",
  ]);
  assert.match(stdout, /^\S+@sha256:[0-9a-f]{64}\n$/);
  const events = stderr.trimEnd().split("\n").map((line) => JSON.parse(line));
  for (const { event, at } of events) {
    assert.equal(typeof event, "string");
    assert.equal(new Date(at).toISOString(), at);
  }
  const names = events.map(({ event }) => event);
  assert.deepEqual([names[0], names.at(-1)], ["resolve", "done"]);
  for (const name of ["manifest", "blob-start", "blob-done"]) {
    assert.ok(names.includes(name), name);
  }
  const starts = events.filter(({ event }) => event === "blob-start");
  assert.deepEqual(
    starts.map(({ digest, size, offset }) => ({ digest, size, offset }))
      .sort((a, b) => b.size - a.size),
    image.layers.map(({ descriptor: { digest, size } }) => ({
      digest,
      size,
      offset: 0,
    })),
  );
});

Deno.test("dray pull goes on after a failure and says which failed", async () => {
  await using registry = startFakeRegistry();
  await using dir = await tempDir();
  const good = registry.push("team/app", "v1", image);
  const missing = `${registry.host}/team/app:none`;
  const missingToo = `${registry.host}/team/none:v1`;
  const store = ["--store", dir.path];
  const one = await runInProcess(["pull", missing, good, missingToo, ...store]);
  assert.equal(one.code, 3);
  assert.equal(one.stdout, `${good}@${image.root.descriptor.digest}\n`);
  const errors = one.stderr.split("\n").filter((line) =>
    line.startsWith("dray: error: ")
  );
  assert.equal(errors.length, 3);
  assert.equal(
    errors[2],
    `dray: error: Cannot pull 2 of 3 references: ${missing}, ${missingToo}`,
  );
  const mixed = await runInProcess([
    "pull",
    missing,
    "UPPER",
    "--json",
    ...store,
  ]);
  assert.equal(mixed.code, 1);
  const objects = mixed.stderr.split("\n").filter((line) =>
    line.startsWith("{")
  )
    .map((line) => JSON.parse(line));
  assert.deepEqual(
    objects.map(({ code, exitCode, reference }) => [code, exitCode, reference]),
    [
      ["not-found", 3, missing],
      ["reference-invalid", 2, "UPPER"],
      ["several-failed", 1, undefined],
    ],
  );
});

Deno.test("dray pull --from-file takes references from a file and from stdin", async () => {
  await using registry = startFakeRegistry();
  await using dir = await tempDir();
  const first = registry.push("team/app", "v1", image);
  const second = registry.push("team/app", "v2", other);
  const list = `# ours\n\n  ${first}  # the first\r\n${second}\n`;
  await Deno.writeTextFile(dir.join("list.txt"), list);
  const store = ["--store", dir.join("store"), "-q"];
  const lines =
    `${first}@${image.root.descriptor.digest}\n${second}@${other.root.descriptor.digest}\n`;
  const fromFile = await runInProcess([
    "pull",
    "--from-file",
    dir.join("list.txt"),
    ...store,
  ]);
  assert.deepEqual([fromFile.code, fromFile.stdout], [0, lines]);
  for (const path of ["-", "/dev/stdin"]) {
    const { code, stdout } = await runInProcess(
      ["pull", "--from-file", path, ...store],
      { stdin: list },
    );
    assert.deepEqual([code, stdout], [0, lines]);
  }
  const empty = await runInProcess(["pull", "--from-file", "-", ...store], {
    stdin: "# none\n",
  });
  assert.equal(empty.code, 2);
  const unreadable = await runInProcess([
    "pull",
    "--from-file",
    dir.join("none"),
    ...store,
  ]);
  assert.equal(unreadable.code, 7);
});

Deno.test("dray pull --dry-run stores nothing and says what would come", async () => {
  await using registry = startFakeRegistry();
  await using dir = await tempDir();
  const reference = registry.push("team/app", "v1", image);
  const store = ["--store", dir.path];
  const { code, stdout, stderr } = await runInProcess([
    "pull",
    "--dry-run",
    reference,
    ...store,
  ]);
  assert.equal(code, 0, stderr);
  assert.equal(stdout, `${reference}@${image.root.descriptor.digest}\n`);
  assert.match(
    stderr,
    / for linux\/amd64: 2 layers, 5\d\.\d kB to download, of 5\d\.\d kB\n/,
  );
  assert.equal(registry.blobRequests.length, 1, "the config, no layer");
  assert.equal((await runInProcess(["images", "-q", ...store])).stdout, "");
  const args = ["pull", "--dry-run", "--json", reference, ...store];
  assert.equal(JSON.parse((await runInProcess(args)).stdout).dryRun, true);
});

Deno.test("dray pull takes several platforms, and all of them", async () => {
  await using registry = startFakeRegistry();
  await using dir = await tempDir();
  const index = buildMultiPlatform([
    { os: "linux", architecture: "amd64" },
    { os: "linux", architecture: "arm64" },
    { os: "linux", architecture: "arm", variant: "v7" },
  ]);
  const reference = registry.push("team/app", "v1", index);
  const pull = ["pull", reference, "--store", dir.path, "--json"];
  const names = (outcome: { stdout: string }) =>
    JSON.parse(outcome.stdout).platforms.map((
      { platform }: { platform: string },
    ) => platform);
  const arm = await runInProcess([...pull, "--platform", "linux/arm64"]);
  assert.deepEqual(names(arm).length, 1);
  const all = await runInProcess([...pull, "--all-platforms"]);
  assert.equal(names(all).length, index.images.length);
  const none = await runInProcess([...pull, "--platform", "plan9/mips"]);
  assert.equal(none.code, 3);
  assert.equal(
    JSON.parse(none.stderr.trimEnd().split("\n").at(-1) ?? "").code,
    "platform-not-found",
  );
  const malformed = await runInProcess([...pull, "--platform", "linux"]);
  assert.deepEqual([malformed.code, malformed.stdout], [2, ""]);
  const both = await runInProcess([
    ...pull,
    "--platform",
    "linux/arm64",
    "--all-platforms",
  ]);
  assert.equal(both.code, 2);
});

Deno.test("dray pull without references, and with a malformed one, is wrong usage and makes no store", async () => {
  await using dir = await tempDir();
  const store = ["--store", dir.join("store")];
  for (
    const args of [["pull"], ["pull", "a//b"], ["pull", "a:b@sha256:1"], [
      "pull",
      "-q",
      "UP",
    ]]
  ) {
    const { code, stdout, stderr } = await runInProcess([...args, ...store]);
    assert.deepEqual([code, stdout], [2, ""], args.join(" "));
    assert.match(stderr, /^dray: error: Cannot /);
  }
  await assert.rejects(Deno.stat(dir.join("store")), Deno.errors.NotFound);
});

Deno.test("dray pull tells each kind of failure by its exit code", async () => {
  await using registry = startFakeRegistry({
    auth: { kind: "basic", users: { me: "secret" } },
  });
  await using open = startFakeRegistry();
  await using dir = await tempDir();
  const store = ["--store", dir.join("store"), "-q", "--retries", "1"];
  const denied = await runInProcess([
    "pull",
    registry.push("a", "1", image),
    ...store,
  ]);
  assert.equal(denied.code, 4, denied.stderr);
  open.fault({ match: MANIFESTS, fault: answerStatus(500) });
  const failed = await runInProcess([
    "pull",
    open.push("a", "1", image),
    ...store,
  ]);
  assert.equal(failed.code, 5, failed.stderr);
  open.clearFaults();
  open.fault({ match: BLOBS, fault: flipByte(1000) });
  const damaged = await runInProcess([
    "pull",
    open.push("a", "1", image),
    ...store,
  ]);
  assert.equal(damaged.code, 6, damaged.stderr);
  assert.match(damaged.stderr, /^dray: error: Cannot [^\n]+\n/);
  await Deno.writeTextFile(dir.join("file"), "");
  const unwritable = await runInProcess([
    "pull",
    "a",
    "-q",
    "--store",
    dir.join("file"),
  ]);
  assert.equal(unwritable.code, 7, unwritable.stderr);
});

Deno.test("dray pull goes on by itself when a connection breaks, and says so", async () => {
  await using registry = startFakeRegistry();
  await using dir = await tempDir();
  const reference = registry.push("team/app", "v1", image);
  registry.fault({
    match: (request, response) =>
      BLOBS(request, response) && response.body.length > 40_000,
    fault: cutAfter(20_000),
    times: 1,
  });
  const { code, stderr } = await runInProcess([
    "pull",
    reference,
    "--store",
    dir.path,
  ]);
  assert.equal(code, 0, stderr);
  assert.match(
    stderr,
    /: (waiting \d+ s|trying again) \([^)]+\), attempt \d\n/,
  );
});
