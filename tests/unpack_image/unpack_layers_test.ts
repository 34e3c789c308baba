import assert from "node:assert/strict";
import { LocalError } from "../../src/errors.ts";
import { unpackLayers } from "../../src/unpack_image/unpack_layers.ts";
import { unpackToStore } from "../../src/unpack_image/unpack_to_store.ts";
import { buildLayer } from "../testing/image_builder.ts";
import { snapshotTree } from "../unpack/tree_snapshot.ts";
import { namesIn, rawLayer, unpackFixture } from "./unpack_fixture.ts";
import { findNativeCalls } from "../../src/unpack/native_calls.ts";
import { rawEntry, rawTar } from "../tar/raw_tar.ts";
import { mustRun } from "../testing/run_command.ts";

const lower = buildLayer({ files: { "d/a": "a", "d/b": "b", c: "c" } });
const upper = buildLayer({
  files: { ".wh.c": "", "d/.wh..wh..opq": "", "d/n": "n" },
});
const foldersIn = (path: string) => namesIn({ path });
const names = (path: string) =>
  snapshotTree(path, { times: false, owners: false })
    .map((line) => line.split(" ").slice(0, 2).join(" "));

Deno.test("unpackLayers() makes a folder of each layer, with .wh. files, and nothing else", async () => {
  await using fixture = await unpackFixture([lower, upper, lower]);
  const { dir, store } = fixture;
  const result = await unpackLayers("test", dir.join("out"), { store });
  const paths = result.layers.map(({ path = "" }) => path);
  assert.equal(paths.length, 3);
  assert.equal(paths[0], paths[2]);
  assert.equal(
    paths[0],
    `${dir.join("out")}/${lower.descriptor.digest.replace(":", "-")}`,
  );
  assert.deepEqual(
    namesIn({ path: dir.join("out") }),
    paths.slice(0, 2).map((path) => path.replace(/.*\//, "")).sort(),
  );
  assert.deepEqual(names(paths[0] ?? ""), [
    ". folder",
    "c file",
    "d folder",
    "d/a file",
    "d/b file",
  ]);
  assert.deepEqual(names(paths[1] ?? ""), [
    ". folder",
    ".wh.c file",
    "d folder",
    "d/.wh..wh..opq file",
    "d/n file",
  ]);
  assert.deepEqual(namesIn(dir), ["out"]);
});

Deno.test("unpackLayers() tells of all layers in one sidecar beside the folder", async () => {
  const layers = [1, 2].map((minor) =>
    rawLayer(rawTar(
      rawEntry({ name: "bogus", type: "5" }),
      rawEntry({ name: "null", type: "3", major: 1, minor }),
    ))
  );
  await using fixture = await unpackFixture(layers);
  const { dir, store } = fixture;
  await Deno.mkdir(dir.join("out"));
  const result = await unpackLayers("test", dir.join("out"), { store });
  if (result.unset === 0) return; // Made for real: this Deno has FFI and is root.
  const lines = (await Deno.readTextFile(result.metadataPath ?? "")).trim();
  assert.deepEqual(
    lines.split("\n").map((line) => JSON.parse(line).layer),
    layers.map(({ descriptor }) => descriptor.digest),
  );
});

Deno.test("unpackLayers() makes whiteouts that overlayfs reads (root with FFI only)", async () => {
  await using fixture = await unpackFixture([
    lower,
    upper,
    buildLayer({
      entries: [
        { path: ".wh.d" },
        { path: "d", type: "directory" },
        { path: "d/again", content: "again" },
      ],
    }),
  ]);
  const { dir, store } = fixture;
  const work = unpackLayers("test", dir.join("out"), {
    store,
    whiteouts: "overlay",
  });
  using native = findNativeCalls();
  if (Deno.uid() !== 0 || native === undefined) {
    console.error("\n!!! LEFT OUT: whiteouts of overlayfs need root and FFI\n");
    await assert.rejects(work, LocalError);
    return;
  }
  const { layers } = await work;
  const paths = layers.map(({ path = "" }) => path);
  const whiteout = await Deno.lstat(`${paths[1]}/c`);
  assert.deepEqual([whiteout.isCharDevice, whiteout.rdev], [true, 0]);
  assert.deepEqual(names(paths[2] ?? ""), [
    ". folder",
    "d folder",
    "d/again file",
  ]);
  for (const name of ["up", "work", "m"]) await Deno.mkdir(dir.join(name));
  const mounted = dir.join("m");
  const lowers = paths.toReversed().join(":");
  // In a mount namespace of its own, which ends with the command.
  const listed = await mustRun("unshare", [
    "--mount",
    "/bin/sh",
    "-ec",
    'mount -t overlay overlay -o "lowerdir=$0" "$1"; cd "$1"; find . | sort',
    lowers,
    mounted,
  ]);
  assert.deepEqual(listed.trim().split("\n"), [".", "./d", "./d/again"]);
});

Deno.test("unpackLayers() says so where whiteouts of overlayfs can't be made", async () => {
  await using fixture = await unpackFixture([lower, upper]);
  const { dir } = fixture;
  const main = new URL("./unpack_overlay_program.ts", import.meta.url).pathname;
  const output = await new Deno.Command(Deno.execPath(), {
    args: [
      "run",
      "--no-prompt",
      "--allow-read",
      "--allow-write",
      "--allow-env",
      main,
      dir.join("store"),
      dir.join("out"),
    ],
  }).output();
  const text = new TextDecoder().decode(output.stdout);
  assert.match(
    text,
    /^permission-denied 7: Cannot make a whiteout of overlayfs at "c"/,
    new TextDecoder().decode(output.stderr),
  );
  assert.deepEqual(namesIn(dir), []);
});

Deno.test("unpackToStore() shares layers between images, and never unpacks one twice", async () => {
  await using fixture = await unpackFixture([lower, upper]);
  const { dir, store } = fixture;
  const runs = await Promise.all([
    unpackToStore("test", { store, sync: false }),
    unpackToStore("test", { store, sync: false }),
  ]);
  const bytes = runs.flatMap(({ layers }) =>
    layers.map((layer) => layer.bytes)
  );
  assert.equal(bytes.filter((count) => count !== undefined).length, 2);
  const again = await unpackToStore("test", { store, sync: true });
  assert.deepEqual(again.layers.map((layer) => layer.bytes), [
    undefined,
    undefined,
  ]);
  assert.deepEqual(
    again.layers.map(({ path }) => path),
    [lower, upper].map(({ descriptor }) =>
      `${dir.join("store/layers")}/${descriptor.digest.replace(":", "-")}`
    ),
  );
  assert.deepEqual(names(again.layers[1]?.path ?? "").length, 5);
  assert.equal(foldersIn(dir.join("store/layers")).length, 2);
});

Deno.test("unpackToStore() leaves no half a layer, and no link leads it out of the store", async () => {
  await using fixture = await unpackFixture([
    lower,
    rawLayer(rawTar(), new Uint8Array(1)),
  ]);
  const { dir, store } = fixture;
  await assert.rejects(unpackToStore("test", { store }), /diffID/);
  // The other may be there, or was ended.
  for (const name of foldersIn(dir.join("store/layers"))) {
    assert.equal(name, lower.descriptor.digest.replace(":", "-"));
  }
  await Deno.remove(dir.join("store/layers"), { recursive: true });
  await Deno.mkdir(dir.join("elsewhere"));
  await Deno.symlink(dir.join("elsewhere"), dir.join("store/layers"));
  await assert.rejects(unpackToStore("test", { store }), /is no folder/);
  assert.deepEqual([...Deno.readDirSync(dir.join("elsewhere"))], []);
});

Deno.test("unpackLayers() unpacks large layers at once, and counts limits over all of them", async () => {
  const layers = [1, 2, 3].map((seed) =>
    buildLayer({ randomBytes: 3 << 20, seed, files: { [`f${seed}`]: "x" } })
  );
  await using fixture = await unpackFixture(layers);
  const { dir, store } = fixture;
  const events: string[] = [];
  const { layers: unpacked } = await unpackLayers("test", dir.join("out"), {
    store,
    maxThreads: 2,
    onEvent: ({ event }) => events.push(event),
  });
  assert.deepEqual(events.slice(0, 3), Array(3).fill("unpack-start"));
  for (const [position, { path = "" }] of unpacked.entries()) {
    assert.deepEqual(namesIn({ path }), [`f${position + 1}`, "random.bin"]);
  }
  await Deno.remove(dir.join("out"), { recursive: true });
  const work = unpackLayers("test", dir.join("out"), {
    store,
    maxThreads: 2,
    // Enough for two.
    limits: { maxBytes: 7 << 20 },
  });
  await assert.rejects(work, { code: "limit-exceeded" });
  assert.deepEqual(namesIn(dir), []);
});

Deno.test("unpackLayers() says what helps with a hard link to a layer below", async () => {
  const linked = rawLayer(
    rawTar(rawEntry({ name: "new", type: "1", link: "c" })),
  );
  await using fixture = await unpackFixture([lower, linked]);
  const { dir, store } = fixture;
  await assert.rejects(unpackLayers("test", dir.join("out"), { store }), {
    code: "path-unsafe",
    message:
      'Cannot unpack "new": it is a hard link to what is not in its layer',
    hint: /without --layers/,
  });
  await assert.rejects(unpackToStore("test", { store }), {
    hint: /without --layers/,
  });
  assert.deepEqual(namesIn(dir), []);
});
