import assert from "node:assert/strict";
import { diskUsage, prune, Store } from "../../src/mod.ts";
import { buildMultiPlatform } from "../testing/image_builder.ts";
import { runCommand } from "../testing/run_command.ts";
import { spawnDray } from "../testing/run_dray.ts";
import { tempDir } from "../testing/temp_dir.ts";
import { randomBytes } from "../testing/test_bytes.ts";
import { keyOf } from "../store/stored_fixture.ts";
import { imageWith, maintainedStore } from "./maintained_store.ts";

const WEEK_MS = 7 * 86_400_000;

function blobFiles(dir: string): readonly string[] {
  return [...Deno.readDirSync(`${dir}/blobs/sha256`)].map(({ name }) => name)
    .sort();
}

function hexOf({ descriptor }: { descriptor: { digest: string } }): string {
  return descriptor.digest.slice("sha256:".length);
}

Deno.test("prune() deletes what only forgotten references needed, and keeps what others share", async () => {
  await using kit = await maintainedStore();
  const [kept, gone] = [imageWith(2), imageWith(3)];
  const keptName = await kit.pull("team/kept:1", kept);
  const goneName = await kit.pull("team/gone:1", gone);
  assert.equal((await kit.run("rm", goneName)).code, 0);
  const own = [gone.root, gone.config, ...gone.layers.slice(1)];
  const bytes = own.reduce((sum, blob) => sum + blob.bytes.length, 0);

  const before = blobFiles(kit.dir);
  const dry = await kit.run("prune", "--dry-run", "--json");
  const wanted = { blobs: own.length, partials: 0, layers: 0, bytes };
  assert.deepEqual(JSON.parse(dry.stdout), { ...wanted, dryRun: true });
  assert.deepEqual(blobFiles(kit.dir), before);
  assert.equal(
    JSON.parse((await kit.run("df", "--json")).stdout).reclaimableBytes,
    bytes,
  );

  const pruned = await kit.run("prune", "--json");
  assert.deepEqual(JSON.parse(pruned.stdout), { ...wanted, dryRun: false });
  assert.deepEqual(
    blobFiles(kit.dir),
    [kept.root, ...kept.blobs].map(hexOf).sort(),
  );
  assert.equal((await kit.run("images", "-q")).stdout, `${keptName}\n`);
  assert.equal((await kit.run("verify")).code, 0);
  assert.match((await kit.run("prune")).stdout, /^Nothing to delete\n$/);
});

Deno.test("prune() keeps an index, the platforms that are stored, and drops the others of a moved tag", async () => {
  await using kit = await maintainedStore();
  const image = buildMultiPlatform([
    { os: "linux", architecture: "amd64" },
    { os: "linux", architecture: "arm64" },
  ]);
  const reference = kit.registry.push("team/app", "1", image);
  const [first, second] = image.images;
  assert.ok(first?.platform && second?.platform);
  await kit.run("pull", "-q", "--all-platforms", reference);
  const all = blobFiles(kit.dir);
  await kit.run("prune");
  assert.deepEqual(blobFiles(kit.dir), all);
  const other = imageWith(7);
  await kit.pull("team/app:1", other);
  await kit.run("prune");
  assert.deepEqual(
    blobFiles(kit.dir),
    [other.root, ...other.blobs].map(hexOf).sort(),
  );
});

Deno.test("prune() takes blobs that were never recorded, and no file that is not a blob", async () => {
  await using kit = await maintainedStore();
  await using store = await Store.open(kit.dir);
  const bytes = randomBytes(5000);
  await store.putBlob(keyOf(bytes), bytes);
  await Deno.writeTextFile(`${kit.dir}/blobs/sha256/README`, "mine");
  assert.equal((await prune(store)).blobs, 1);
  assert.deepEqual(blobFiles(kit.dir), ["README"]);
});

Deno.test("prune() takes the file that a crash left while room was tried", async () => {
  await using kit = await maintainedStore();
  await using store = await Store.open(kit.dir);
  const path = `${kit.dir}/ingest/room.tmp`;
  await Deno.writeFile(path, new Uint8Array(10));
  assert.equal(store.space.hasRoomFor(10), false);
  await prune(store);
  assert.equal(store.space.hasRoomFor(10), true);
  await assert.rejects(Deno.stat(path), Deno.errors.NotFound);
});

Deno.test("prune() takes partials from an age on, those of blobs that came in, and none that is written", async () => {
  await using kit = await maintainedStore();
  await using store = await Store.open(kit.dir);
  const [old, young, busy] = [1, 2, 3].map((seed) => randomBytes(9000, seed));
  assert.ok(old && young && busy);
  for (const bytes of [old, young]) {
    await using ingest = await store.openIngest(keyOf(bytes));
    await ingest?.writeAt(4000, bytes.subarray(4000, 6000));
  }
  await using writing = await store.openIngest(keyOf(busy));
  await writing?.writeAt(0, busy.subarray(0, 100));
  const oldPath = `${kit.dir}/ingest/${keyOf(old).digest.replace(":", "-")}`;
  const past = new Date(Date.now() - 2 * WEEK_MS);
  await Deno.utime(oldPath, past, past);
  await Deno.writeTextFile(
    `${kit.dir}/ingest/${
      keyOf(randomBytes(1)).digest.replace(":", "-")
    }.ranges`,
    "0-1\n",
  );

  assert.equal((await prune(store)).partials, 1);
  const names = () =>
    [...Deno.readDirSync(`${kit.dir}/ingest`)]
      .map(({ name }) => name).filter((name) => name.startsWith("sha")).sort();
  assert.ok(
    !names().some((name) => oldPath.endsWith(name)),
    "the old one is gone, its log too",
  );
  assert.equal(store.space.listPartials().length, 2);
  assert.equal(names().filter((name) => name.endsWith(".ranges")).length, 1);

  // The clock was wrong when it was written.
  const youngPath = `${kit.dir}/ingest/${
    keyOf(young).digest.replace(":", "-")
  }`;
  const future = new Date(Date.now() + 100 * 52 * WEEK_MS);
  await Deno.utime(youngPath, future, future);
  await prune(store, { partialsOlderThanMs: 0 });
  assert.deepEqual(
    store.space.listPartials().map(({ digest }) => digest),
    [keyOf(busy).digest],
  );
  await writing?.writeAt(100, busy.subarray(100));
  await writing?.commit();
});

Deno.test("prune() takes unpacked layers that no reference needs, whole ones or not, and follows no link", async () => {
  await using kit = await maintainedStore();
  const image = imageWith(2);
  await kit.pull("team/app:1", image);
  const layers = `${kit.dir}/layers`;
  const [needed] = image.layers;
  assert.ok(needed);
  const victim = `${kit.dir}/../victim`;
  await Deno.mkdir(victim);
  await Deno.writeTextFile(`${victim}/file`, "mine");
  const kept = `sha256-${hexOf(needed)}`;
  const gone = [
    `sha256-${"a".repeat(64)}`,
    `sha256-${"b".repeat(64)}.overlay`,
    `.sha256-x.dray-unpack-123`,
    `.dray-removed-sha256-y`,
  ];
  for (const name of [kept, ...gone, "notes"]) {
    await Deno.mkdir(`${layers}/${name}/root/deep`, { recursive: true });
    await Deno.writeTextFile(
      `${layers}/${name}/root/deep/file`,
      "x".repeat(9000),
    );
    await Deno.symlink(victim, `${layers}/${name}/root/link`);
  }
  await using store = await Store.open(kit.dir);
  const usage = diskUsage(store);
  assert.ok(usage.reclaimableBytes > 4 * 9000);
  assert.ok(usage.unpackedBytes > usage.reclaimableBytes);
  assert.equal((await prune(store)).layers, gone.length);
  assert.deepEqual(
    [...Deno.readDirSync(layers)].map(({ name }) => name).sort(),
    ["notes", kept].sort(),
  );
  assert.equal(await Deno.readTextFile(`${victim}/file`), "mine");
});

Deno.test("prune() waits for whoever relies on the content, once told, and ends with the signal", async () => {
  await using kit = await maintainedStore();
  await using store = await Store.open(kit.dir);
  await using other = await Store.open(kit.dir);
  const held = await other.retain();
  const waits = Promise.withResolvers<void>();
  const pruning = prune(store, { onWait: waits.resolve });
  await waits.promise;
  const controller = new AbortController();
  const reason = new Error("enough");
  await assert.rejects(
    prune(other, {
      signal: controller.signal,
      onWait: () => controller.abort(reason),
    }),
    reason,
  );
  await held[Symbol.asyncDispose]();
  assert.equal((await pruning).blobs, 0);
});

Deno.test("dray prune tells that it waits, prunes once the store is free, and ends with 130 at Ctrl-C", async () => {
  await using kit = await maintainedStore();
  await using store = await Store.open(kit.dir);
  const held = await store.retain();
  const note = /^dray: note: waiting for others in the store\n/;
  {
    await using stopped = spawnDray(["prune", "--store", kit.dir]);
    await stopped.stderrMatches(note);
    stopped.kill("SIGINT");
    assert.equal((await stopped.result).code, 130);
  }
  await using patient = spawnDray(["prune", "--store", kit.dir]);
  await patient.stderrMatches(note);
  await held[Symbol.asyncDispose]();
  const { code, stdout } = await patient.result;
  assert.deepEqual([code, stdout], [0, "Nothing to delete\n"]);
});

Deno.test("prune() has index.json name no image whose blobs go, though its forgetter was killed", async () => {
  await using kit = await maintainedStore();
  const reference = await kit.pull("team/app:1", imageWith(2));
  const text = await Deno.readTextFile(`${kit.dir}/index.json`);
  await using store = await Store.open(kit.dir);
  await using other = await Store.open(kit.dir);
  await other.removeImage(reference);
  // As the file is while the other is between its transaction and its file.
  await Deno.writeTextFile(`${kit.dir}/index.json`, text);
  const { DatabaseSync } = await import("node:sqlite");
  {
    using database = new DatabaseSync(`${kit.dir}/oci.db`);
    database.exec("UPDATE layout_state SET written = written - 1");
  }
  await prune(store);
  assert.deepEqual(
    JSON.parse(await Deno.readTextFile(`${kit.dir}/index.json`)).manifests,
    [],
  );
});

Deno.test("prune() has index.json name no image whose blobs go, though a power loss took it from the database alone", async () => {
  await using kit = await maintainedStore();
  const kept = await kit.pull("team/kept:1", imageWith(2));
  const path = `${kit.dir}/oci.db`;
  const before = await Deno.readFile(path);
  await kit.pull("team/lost:1", imageWith(3));
  await Deno.writeFile(path, before);
  assert.match((await kit.run("prune")).stdout, /^Freed .*: 3 blobs\n$/);
  const { manifests } = JSON.parse(
    await Deno.readTextFile(`${kit.dir}/index.json`),
  );
  assert.deepEqual(
    manifests.map(({ annotations }: { annotations: object }) =>
      Object.values(annotations)
    ),
    [[kept]],
  );
});

Deno.test("dray df counts blobs once, and what images share", async () => {
  await using kit = await maintainedStore();
  const [one, two] = [imageWith(2), imageWith(3)];
  await kit.pull("team/one:1", one);
  await kit.pull("team/two:1", two);
  const blobs = new Map(
    [one.root, two.root, ...one.blobs, ...two.blobs]
      .map((blob) => [hexOf(blob), blob.bytes.length]),
  );
  const { stdout } = await kit.run("df", "--json");
  assert.deepEqual(JSON.parse(stdout), {
    images: 2,
    blobs: blobs.size,
    blobBytes: [...blobs.values()].reduce((sum, bytes) => sum + bytes, 0),
    sharedBytes: one.layers[0]?.bytes.length,
    partialBytes: 0,
    unpackedBytes: 0,
    reclaimableBytes: 0,
  });
  const table = (await kit.run("df")).stdout;
  assert.match(table, /^images +2\n/m);
  assert.match(table, /^dray prune would free +0 B\n/m);
});

Deno.test("prune() and diskUsage() do without what is in folders that their owner may not enter", async () => {
  if (Deno.build.os === "windows") return;
  await using dir = await tempDir();
  await using cache = await tempDir();
  for (const { path } of [dir, cache]) await Deno.chmod(path, 0o777);
  const module = new URL("../../src/mod.ts", import.meta.url);
  const store = JSON.stringify(dir.join("store"));
  const code = `
    import { diskUsage, prune, Store } from ${JSON.stringify(module)};
    await using store = await Store.open(${store});
    const layer = ${store} + "/layers/sha256-${"a".repeat(64)}";
    for (const shut of ["", "/opt"]) {
      await Deno.mkdir(layer + "/opt", { recursive: true });
      await Deno.writeTextFile(layer + "/opt/file", "content");
      await Deno.chmod(layer + shut, 0);
      const { unpackedBytes } = diskUsage(store);
      const { layers } = await prune(store);
      const left = [...Deno.readDirSync(${store} + "/layers")].length;
      console.log(unpackedBytes > 0, layers, left);
    }`;
  const deno = [Deno.execPath(), "run", "-A", "--quiet", "--no-lock", "-"];
  const [program = "", ...args] = Deno.uid() === 0
    // Root may enter them all.
    ? ["setpriv", "--reuid=65534", "--clear-groups", ...deno]
    : deno;
  const outcome = await runCommand(program, args, {
    stdin: code,
    cwd: cache.path,
    env: { DENO_DIR: cache.path, HOME: cache.path },
  });
  assert.equal(outcome.stderr, "");
  assert.equal(outcome.stdout, "true 1 0\ntrue 1 0\n");
});
