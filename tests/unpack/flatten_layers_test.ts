import assert from "node:assert/strict";
import fc from "fast-check";
import { DrayError } from "../../src/errors.ts";
import type { ArchiveEntry } from "../../src/tar/archive_entry.ts";
import { concatBytes } from "../../src/tar/concat_bytes.ts";
import { type TarEntry, writeTar } from "../../src/tar/write_tar.ts";
import {
  flattenLayers,
  type FlattenOptions,
} from "../../src/unpack/flatten_layers.ts";
import { countedLayers } from "../look/counted_layers.ts";
import { rawEntry, rawPax, rawTar } from "../tar/raw_tar.ts";
import { mustRun } from "../testing/run_command.ts";
import { tempDir } from "../testing/temp_dir.ts";
import { randomBytes } from "../testing/test_bytes.ts";
import { DEVICES_ON_RECORD, HOSTILE_LAYERS } from "./hostile_layers.ts";
import { honestLayers, sloppyLayers, wildLayers } from "./random_layers.ts";
import { snapshotTree } from "./tree_snapshot.ts";
import { unpackTars } from "./unpack_tars.ts";
import { type ReadEntry, readTar } from "../tar/read_tar.ts";

async function flatten(
  tars: readonly Uint8Array[],
  options: FlattenOptions = {},
): Promise<Uint8Array<ArrayBuffer>> {
  const pieces: Uint8Array[] = [];
  for await (
    const bytes of flattenLayers(countedLayers(tars).layers, options)
  ) {
    pieces.push(bytes.slice());
  }
  return concatBytes(pieces);
}

Deno.test("flattenLayers() of random layers is unpacked by a plain tar to what unpacking makes (root only)", async () => {
  if (Deno.uid() !== 0) return leftOut();
  let made = 0;
  await fc.assert(
    fc.asyncProperty(
      fc.oneof(wildLayers, honestLayers, sloppyLayers),
      async (layers) => {
        await using dir = await tempDir();
        const tars = layers.map((entries) =>
          writeTar([{ path: ".", type: "directory", mtime: 5 }, ...entries])
        );
        const code = await unpackTars(dir.join("dray"), tars)
          .then(() => undefined, codeOf);
        if (code !== undefined) {
          await assert.rejects(flatten(tars), { code });
          return;
        }
        made++;
        await extract(await flatten(tars), dir.path);
        assert.deepEqual(
          snapshotTree(dir.join("tar"), { folderTimes: false }),
          snapshotTree(dir.join("dray"), { folderTimes: false }),
        );
      },
    ),
    { numRuns: 30 },
  );
  assert.ok(made > 8, String(made));
});

Deno.test("flattenLayers() gives folders their modes and times though a plain tar comes back to them (root only)", async () => {
  if (Deno.uid() !== 0) return leftOut();
  await using dir = await tempDir();
  const tars = [
    writeTar([
      { path: ".", type: "directory", mode: 0o711, mtime: 1 },
      { path: "a", type: "directory", mode: 0o555, mtime: 2 },
      { path: "a/b", type: "directory", mode: 0o2750, mtime: 3, gid: 7 },
      { path: "a/b/x", content: "x", mtime: 4 },
    ]),
    writeTar([
      { path: "a/b/y", content: "y", mtime: 5, mode: 0o4755 },
      { path: "a/z", type: "symlink", linkPath: "b", mtime: 6 },
      { path: "e", type: "directory", mode: 0o700, mtime: 7 },
    ]),
  ];
  await extract(await flatten(tars), dir.path);
  await unpackTars(dir.join("dray"), tars);
  const lines = snapshotTree(dir.join("tar"));
  assert.deepEqual(lines, snapshotTree(dir.join("dray")));
  assert.ok(lines.includes("a folder 555 0:0 2"), lines.join("\n"));
});

Deno.test("flattenLayers() gives the same bytes each time, files in the order of their layers", async () => {
  const tars = [
    writeTar([file("z"), file("b/gone"), file("a", "old")]),
    writeTar([file("m"), file("b/.wh.gone"), file("a", "new"), {
      path: "empty",
      content: "",
    }]),
  ];
  const bytes = await flatten(tars);
  assert.deepEqual(await flatten(tars), bytes);
  assert.deepEqual(
    readTar(bytes).map(({ path }) => path),
    ["z", "m", "a", "empty", "b/"],
  );
});

Deno.test("flattenLayers() reads a layer again only where a file of it is left, and to the last of them", async () => {
  const rest = { path: "rest", content: randomBytes(200_000, 1) };
  const image = countedLayers([
    writeTar([file("a"), rest]),
    writeTar([file("b"), file("rest", "new")]),
    writeTar([file(".wh.b", ""), file(".wh.rest", "")]),
  ]);
  for await (const _ of flattenLayers(image.layers));
  assert.deepEqual(image.opened, [0, 1, 2, 0]);
  assert.ok((image.bytes[0] ?? 0) < 210_000, String(image.bytes));
});

Deno.test("flattenLayers() keeps devices, attributes, times and numbers of any size", async () => {
  const capability = Uint8Array.of(1, 0, 0, 2, 10, 61, 0);
  const entries = readTar(
    await flatten([rawTar(
      rawEntry({
        name: "dev/null",
        type: "3",
        major: 1,
        minor: 3,
        mode: 0o666,
      }),
      rawEntry({ name: "dev/sda", type: "4", major: 259, minor: 70000 }),
      rawEntry({ name: "pipe", type: "6", mode: 0o600 }),
      rawPax({
        "SCHILY.xattr.security.capability": capability,
        "SCHILY.xattr.user.empty": "",
        mtime: "1700000000.5",
        uid: "4294967295",
      }),
      rawEntry({ name: "ping" }, "x"),
      rawPax({ mtime: "-5.25" }),
      rawEntry({ name: "old", type: "2", link: "a".repeat(90) }),
      rawPax({ path: `ü/${"n".repeat(200)}`, linkpath: "ö".repeat(100) }),
      rawEntry({ name: "x", type: "2", link: "x" }),
    )]),
  );
  const find = (path: string): ArchiveEntry =>
    entries.find((entry) => entry.path === path) ?? assert.fail(path);
  assert.deepEqual(find("dev/null").device, { major: 1, minor: 3 });
  assert.equal(find("dev/null").mode, 0o666);
  assert.deepEqual(find("dev/sda").device, { major: 259, minor: 70000 });
  assert.equal(find("pipe").type, "fifo");
  const ping = find("ping");
  assert.deepEqual(
    [...ping.xattrs ?? []],
    [["security.capability", capability], ["user.empty", new Uint8Array()]],
  );
  assert.deepEqual([ping.mtime, ping.uid], [1_700_000_000.5, 4_294_967_295]);
  assert.equal(find("old").mtime, -5.25);
  assert.equal(find(`ü/${"n".repeat(200)}`).linkPath, "ö".repeat(100));
});

Deno.test("flattenLayers() writes sparse files plainly", async () => {
  const bytes = await flatten([rawTar(
    rawPax({ "GNU.sparse.size": "300000", "GNU.sparse.map": "3,4,200000,2" }),
    rawEntry({ name: "s" }, "abcdef"),
    rawEntry({ name: "next" }, "n"),
  )]);
  const [sparse, next] = readTar(bytes);
  assert.deepEqual([sparse?.sparse, sparse?.size], [false, 300000]);
  assert.equal(contentText(sparse).replaceAll("\0", ""), "abcdef");
  assert.equal(contentText(sparse).indexOf("ef"), 200000);
  assert.equal(contentText(next), "n");
});

Deno.test("flattenLayers() gives nothing of a layer that is not what its diffID says", async () => {
  const { layers } = countedLayers([writeTar([file("a")])]);
  const wrong = layers.map((layer) => ({
    ...layer,
    diffId: `sha256:${"0".repeat(64)}` as const,
  }));
  const reading = flattenLayers(wrong);
  await assert.rejects(reading.next(), { code: "digest-mismatch" });
});

Deno.test("flattenLayers() fails where a layer changes between its two readings", async () => {
  const before = countedLayers([writeTar([file("a"), file("b")])]).layers;
  const after = countedLayers([writeTar([file("a")])]).layers;
  let opened = 0;
  const layers = before.map((layer) => ({
    ...layer,
    open: () => (opened++ === 0 ? layer : after[0] ?? layer).open(),
  }));
  await assert.rejects(async () => {
    for await (const _ of flattenLayers(layers));
  }, { code: "digest-mismatch" });
});

Deno.test("flattenLayers() stops at its limits and where it is interrupted", async () => {
  const tars = [writeTar([file("a"), file("b", "x".repeat(5000))])];
  const limits = [
    { maxEntries: 1 },
    { maxHeldBytes: 500 },
    { maxBytes: 3000 },
    { maxRatio: 0.1, ratioFreeBytes: 100 },
  ];
  for (const limit of limits) {
    await assert.rejects(flatten(tars, { limits: limit }), {
      code: "limit-exceeded",
      exitCode: 6,
    });
  }
  const signal = AbortSignal.abort(new Error("enough"));
  await assert.rejects(flatten(tars, { signal }), /enough/);
});

for (const hostile of HOSTILE_LAYERS) {
  Deno.test(`flattenLayers() of ${hostile.name}`, async () => {
    const victim = "/victim/deep";
    const tars = hostile.layers(victim).map((entries) => rawTar(...entries));
    const left = typeof hostile.left === "function"
      ? hostile.left(victim)
      : hostile.left;
    const expected = DEVICES_ON_RECORD[hostile.name] ?? hostile.outcome ?? left;
    const actual = await flatten(tars).then(describe, codeOf);
    assert.deepEqual(actual, expected);
  });
}

/** As the list of hostile cases tells it. */
function describe(bytes: Uint8Array): readonly string[] {
  const lines = readTar(bytes).map(({ path, type }) => {
    assert.doesNotMatch(path, /^\/|(^|\/)(\.\.|\.wh\.[^/]*)(\/|$)/);
    const name = path.replace(/\/$/, "");
    switch (type) {
      case "directory":
        return `${name} folder`;
      case "symlink":
        return `${name} link`;
      case "hardlink":
        return `${name} same`;
      case "file":
        return `${name} file`;
      default:
        return `${name} device`;
    }
  });
  const all = new Set([". folder", ...lines]);
  const nameOf = (line: string): string => line.split(" ")[0] ?? "";
  return [...all].sort((a, b) => nameOf(a) < nameOf(b) ? -1 : 1);
}

async function extract(archive: Uint8Array, dir: string): Promise<void> {
  await Deno.writeFile(`${dir}/flat.tar`, archive);
  await Deno.mkdir(`${dir}/tar`);
  await mustRun("tar", [
    "-xpf",
    `${dir}/flat.tar`,
    "-C",
    `${dir}/tar`,
    "--numeric-owner",
  ]);
}

function file(path: string, content = path): TarEntry {
  return { path, content };
}

function contentText(read: ReadEntry | undefined): string {
  return new TextDecoder().decode(read?.content);
}

function codeOf(error: unknown): string {
  if (error instanceof DrayError) return error.code;
  throw error;
}

function leftOut(): void {
  console.error("\n!!! LEFT OUT: this test needs root\n");
}
