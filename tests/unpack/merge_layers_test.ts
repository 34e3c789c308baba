import assert from "node:assert/strict";
import { type TarEntry, writeTar } from "../../src/tar/write_tar.ts";
import { findNativeCalls } from "../../src/unpack/native_calls.ts";
import { rawEntry, rawPax, rawTar } from "../tar/raw_tar.ts";
import { tempDir } from "../testing/temp_dir.ts";
import { snapshotTree } from "./tree_snapshot.ts";
import { unpackTars } from "./unpack_tars.ts";

const folder = (path: string): TarEntry => ({ path, type: "directory" });
const file = (path: string, content = path): TarEntry => ({ path, content });
const soft = (path: string, linkPath: string): TarEntry => ({
  path,
  type: "symlink",
  linkPath,
});
const hard = (path: string, linkPath: string): TarEntry => ({
  path,
  type: "hardlink",
  linkPath,
});

/** What is left: `path` of files, `path/` of folders, `path → target` of links. */
async function merged(
  layers: readonly (readonly TarEntry[])[],
): Promise<readonly string[]> {
  await using dir = await tempDir();
  const root = dir.join("root");
  await unpackTars(root, layers.map((entries) => writeTar(entries)));
  return snapshotTree(root, { times: false, owners: false })
    .map((line) => line.split(" "))
    .filter(([path]) => path !== ".")
    .map(([path, kind, , target]) =>
      kind === "folder"
        ? `${path}/`
        : kind === "link"
        ? `${path} → ${target}`
        : `${path}`
    );
}

const base = [
  folder("d"),
  file("d/a"),
  file("d/b"),
  folder("d/sub"),
  file("d/sub/c"),
  file("top"),
];

const CASES: readonly (readonly [
  name: string,
  layers: readonly (readonly TarEntry[])[],
  left: readonly string[],
])[] = [
  ["a whiteout of a file", [base, [file("d/.wh.a", "")]], [
    "d/",
    "d/b",
    "d/sub/",
    "d/sub/c",
    "top",
  ]],
  ["a whiteout of a folder", [base, [file(".wh.d", "")]], ["top"]],
  ["a whiteout of what is not there", [base, [file("x/.wh.y", "")]], [
    "d/",
    "d/a",
    "d/b",
    "d/sub/",
    "d/sub/c",
    "top",
  ]],
  ["a whiteout in the lowest layer", [[file("d/.wh.a", "")], [file("d/b")]], [
    "d/",
    "d/b",
  ]],
  ["an opaque folder", [base, [
    folder("d"),
    file("d/.wh..wh..opq", ""),
    file("d/new"),
  ]], ["d/", "d/new", "top"]],
  ["an opaque marker after its folder's own files", [base, [
    folder("d"),
    file("d/new"),
    folder("d/sub"),
    file("d/sub/own"),
    file("d/.wh..wh..opq", ""),
  ]], ["d/", "d/new", "d/sub/", "d/sub/own", "top"]],
  ["an opaque root", [base, [file(".wh..wh..opq", ""), file("only")]], [
    "only",
  ]],
  ["a whiteout beside an own file of its name", [base, [
    file("top", "own"),
    file(".wh.top", ""),
  ]], ["d/", "d/a", "d/b", "d/sub/", "d/sub/c", "top"]],
  ["a whiteout beside an own folder of its name", [base, [
    folder("d"),
    file("d/own"),
    file(".wh.d", ""),
  ]], ["d/", "d/own", "top"]],
  ["a whiteout, then an own folder of its name", [base, [
    file(".wh.d", ""),
    folder("d"),
    file("d/own"),
  ]], ["d/", "d/own", "top"]],
  ["a whiteout of an earlier layer only", [base, [file(".wh.top", "")], [
    file("top"),
  ]], ["d/", "d/a", "d/b", "d/sub/", "d/sub/c", "top"]],
  ["AUFS housekeeping", [base, [
    file(".wh..wh.aufs", ""),
    folder(".wh..wh.plnk"),
    file(".wh..wh.plnk/1.2"),
    file(".wh.d", ""),
  ]], ["top"]],
  ["a folder replaced by a file and back", [base, [file("d")], [
    folder("d"),
    file("d/z"),
  ]], ["d/", "d/z", "top"]],
  ["a folder replaced by a link", [base, [soft("d", "top")]], [
    "d → top",
    "top",
  ]],
  ["a link replaced by a folder", [
    [soft("d", "e"), folder("e"), file("e/f")],
    [folder("d"), file("d/g")],
  ], ["d/", "d/g", "e/", "e/f"]],
  ["a file in a folder that is a link within the image (usrmerge)", [
    [
      folder("usr"),
      folder("usr/lib"),
      soft("lib", "usr/lib"),
      soft("usr/lib64", "../lib"),
    ],
    [file("lib/a.so"), file("usr/lib64/b.so"), hard("c.so", "lib/a.so")],
    [file("lib/.wh.b.so", "")],
  ], [
    "c.so",
    "lib → usr/lib",
    "usr/",
    "usr/lib/",
    "usr/lib/a.so",
    "usr/lib64 → ../lib",
  ]],
  ["a hard link to a file of a lower layer", [base, [hard("twin", "d/a")], [
    file("d/.wh.a", ""),
  ]], ["d/", "d/b", "d/sub/", "d/sub/c", "top", "twin"]],
  ["a layer with nothing in it", [base, []], [
    "d/",
    "d/a",
    "d/b",
    "d/sub/",
    "d/sub/c",
    "top",
  ]],
];

Deno.test("unpacking layers merges them as the specification says", async (t) => {
  for (const [name, layers, left] of CASES) {
    await t.step(name, async () => {
      assert.deepEqual(await merged(layers), left);
    });
  }
});

Deno.test("unpacking sets modes, times and owners of files, folders and links (root only)", async () => {
  await using dir = await tempDir();
  if (!isRoot()) return leftOut();
  const root = dir.join("root");
  await unpackTars(root, [writeTar([
    { path: ".", type: "directory", mode: 0o711, mtime: 5 },
    { path: "d", type: "directory", mode: 0o2750, mtime: 10, uid: 7, gid: 8 },
    {
      path: "d/f",
      mode: 0o4755,
      mtime: 20,
      uid: 1000,
      gid: 1001,
      content: "x",
    },
    { path: "d/open", mode: 0o666, mtime: 1, content: "y" },
    { ...soft("d/l", "f"), mtime: 30, uid: 3, gid: 4 },
  ])]);
  assert.deepEqual(
    snapshotTree(root).map((line) => line.replace(/ [0-9a-f]{12} /, " ")),
    [
      ". folder 711 0:0 5",
      "d folder 2750 7:8 10",
      "d/f file 1 4755 1000:1001 20",
      "d/l link to f  3:4 30",
      "d/open file 1 666 0:0 1",
    ],
  );
});

Deno.test("unpacking keeps times before 1970 and within a second", async () => {
  await using dir = await tempDir();
  const target = await unpackTars(dir.join("root"), [rawTar(
    rawPax({ mtime: "-5.5" }),
    rawEntry({ name: "old" }),
    rawPax({ mtime: "-7" }),
    rawEntry({ name: "folder", type: "5" }),
    rawPax({ mtime: "1700000000.123456789" }),
    rawEntry({ name: "new" }),
    rawPax({ mtime: "9007199254740991" }),
    rawEntry({ name: "never" }),
  )]);
  const time = (name: string) =>
    Deno.lstatSync(`${target.tree.root}/${name}`).mtime?.getTime();
  assert.equal(time("old"), -5500);
  assert.equal(time("folder"), -7000);
  assert.equal(time("new"), 1_700_000_000_123);
});

Deno.test("unpacking as somebody else than root strips special bits and notes owners", async () => {
  await using dir = await tempDir();
  const { log } = await unpackTars(dir.join("root"), [
    writeTar([
      { path: "d", type: "directory", mode: 0o1777, uid: 0 },
      { path: "mine", mode: 0o644 },
      { path: "suid", mode: 0o4755 },
      { path: "owned", uid: 33, gid: 34 },
      { ...soft("link", "x"), uid: 33 },
      { path: "gone", uid: 33 },
      file("d/x"),
    ]),
    writeTar([file(".wh.gone", ""), hard("again", "owned")]),
  ], {
    creator: { uid: 1000, gid: 1000, umask: 0o022 },
  });
  const noted = [...log.lines()].map((line) => JSON.parse(line));
  assert.deepEqual(
    noted.map(({ path, mode, uid, gid }) => [path, mode, uid, gid]),
    [
      ["again", "0644", 33, 34],
      ["d", "1777", 0, 0],
      ["link", "0644", 33, 0],
      ["owned", "0644", 33, 34],
      ["suid", "4755", 0, 0],
    ],
  );
  const mode = (name: string) =>
    (Deno.statSync(`${dir.path}/root/${name}`).mode ?? 0) & 0o7777;
  assert.equal(mode("d"), 0o777);
  assert.equal(mode("suid"), 0o755);
});

Deno.test("unpacking notes devices and attributes that can't be made, and forgets what is replaced", async () => {
  await using dir = await tempDir();
  const capability = Uint8Array.of(1, 0, 0, 2);
  const { log } = await unpackTars(dir.join("root"), [
    rawTar(
      rawEntry({ name: "dev", type: "5" }),
      rawEntry({
        name: "dev/null",
        type: "3",
        major: 1,
        minor: 3,
        mode: 0o666,
      }),
      rawEntry({ name: "dev/zero", type: "3", major: 1, minor: 5 }),
      rawEntry({ name: "dev/sda", type: "4", major: 8 }),
      rawEntry({ name: "old", type: "5" }),
      rawEntry({ name: "old/pipe", type: "6" }),
      rawPax({ "SCHILY.xattr.security.capability": capability }),
      rawEntry({ name: "ping" }, "x"),
    ),
    rawTar(
      rawEntry({ name: "dev/.wh.sda" }),
      rawEntry({ name: ".wh.old" }),
      rawEntry({ name: "dev/zero" }, "a file now"),
      rawEntry({ name: "dev/none", type: "1", link: "dev/null" }),
    ),
  ]);
  const noted = [...log.lines({ layer: "x" })].map((line) => JSON.parse(line));
  assert.equal(noted.length, log.size);
  assert.deepEqual(
    noted.map(({ path, type, device, xattrs }) => [path, type, device, xattrs]),
    [
      ["dev/none", "character-device", { major: 1, minor: 3 }, undefined],
      ["dev/null", "character-device", { major: 1, minor: 3 }, undefined],
      ["ping", "file", undefined, { "security.capability": "AQAAAg==" }],
    ],
  );
});

Deno.test("unpacking makes devices and pipes where that is permitted (root with FFI only)", async () => {
  using native = findNativeCalls();
  if (!isRoot() || native === undefined) return leftOut();
  await using dir = await tempDir();
  const { log } = await unpackTars(dir.join("root"), [rawTar(
    rawEntry({
      name: "null",
      type: "3",
      major: 1,
      minor: 3,
      mode: 0o666,
      mtime: 7,
    }),
    rawEntry({ name: "big", type: "4", major: 259, minor: 300, uid: 5 }),
    rawEntry({ name: "pipe", type: "6" }),
    rawEntry({ name: "none", type: "1", link: "null" }),
  )], { native });
  assert.equal(log.size, 0);
  const [zero, big, pipe] = ["null", "big", "pipe"]
    .map((name) => Deno.lstatSync(dir.join("root", name)));
  assert.deepEqual([zero?.isCharDevice, zero?.rdev, zero?.nlink], [
    true,
    0x103,
    2,
  ]);
  assert.equal((zero?.mode ?? 0) & 0o7777, 0o666);
  assert.equal(zero?.mtime?.getTime(), 7000);
  assert.deepEqual([big?.isBlockDevice, big?.uid], [true, 5]);
  assert.equal(big?.rdev, 259 * 256 + (300 & 255) + (300 >> 8 << 20));
  assert.equal(pipe?.isFifo, true);
});

Deno.test("unpacking a sparse file makes holes", async () => {
  await using dir = await tempDir();
  const size = 64 * 1024 * 1024;
  await unpackTars(dir.join("root"), [rawTar(
    rawPax({
      "GNU.sparse.size": String(size),
      "GNU.sparse.map": "4096,4,50000000,2",
    }),
    rawEntry({ name: "s" }, "abcdef"),
  )]);
  const info = await Deno.stat(dir.join("root/s"));
  assert.equal(info.size, size);
  assert.ok((info.blocks ?? 0) * 512 < 1024 * 1024);
  const content = await Deno.readFile(dir.join("root/s"));
  assert.equal(new TextDecoder().decode(content.subarray(4096, 4100)), "abcd");
  assert.equal(
    new TextDecoder().decode(content.subarray(50000000, 50000002)),
    "ef",
  );
  assert.equal(content.reduce((sum, byte) => sum + byte, 0), 597);
});

function isRoot(): boolean {
  return Deno.uid() === 0;
}

function leftOut(): void {
  console.error("\n!!! LEFT OUT: this test needs root\n");
}
