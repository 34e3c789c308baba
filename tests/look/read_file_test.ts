import assert from "node:assert/strict";
import { DrayError } from "../../src/errors.ts";
import { readFile, type ReadFileOptions } from "../../src/look/read_file.ts";
import { type TarEntry, writeTar } from "../../src/tar/write_tar.ts";
import { rawEntry, rawPax, rawTar } from "../tar/raw_tar.ts";
import { randomBytes } from "../testing/test_bytes.ts";
import { type CountedLayers, countedLayers } from "./counted_layers.ts";

const folder = (path: string): TarEntry => ({ path, type: "directory" });
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
const file = (path: string, content = path): TarEntry => ({ path, content });

function imageOf(...layers: readonly (readonly TarEntry[])[]): CountedLayers {
  return countedLayers(layers.map((entries) => writeTar(entries)));
}

async function read(
  { layers }: CountedLayers,
  path: string,
  options: Partial<ReadFileOptions> = {},
): Promise<Uint8Array> {
  const pieces: number[] = [];
  const write = (bytes: Uint8Array): void => {
    for (const byte of bytes) pieces.push(byte);
  };
  await readFile(layers, path, { write, ...options });
  return Uint8Array.from(pieces);
}

async function readText(
  image: CountedLayers,
  path: string,
  options: Partial<ReadFileOptions> = {},
): Promise<string> {
  return new TextDecoder().decode(await read(image, path, options));
}

const base = [
  folder("etc"),
  file("etc/passwd", "root"),
  file("etc/group", "wheel"),
  folder("usr"),
  folder("usr/lib"),
  file("usr/lib/os-release", "base"),
  soft("etc/os-release", "../usr/lib/os-release"),
  soft("lib", "usr/lib"),
  soft("abs", "/etc"),
  soft("up", "../../../etc/passwd"),
  soft("loop", "loop"),
  soft("dangling", "nowhere"),
];

/** Path, content; the layers that are opened, from the top, the file's own once more. */
const READS: readonly (readonly [
  name: string,
  layers: readonly (readonly TarEntry[])[],
  path: string,
  content: string,
  opened: readonly number[],
])[] = [
  [
    "stops at the top layer that has the file",
    [base, [folder("etc"), file("etc/group", "two")], [
      folder("etc"),
      file("etc/passwd", "three"),
    ]],
    "/etc/passwd",
    "three",
    [2, 2],
  ],
  [
    "stops there where its folder has no entry too",
    [base, [file("etc/passwd", "two")], [file("app/x")]],
    "etc/passwd",
    "two",
    [2, 1, 1],
  ],
  [
    "goes down to the file",
    [base, [folder("etc"), file("etc/group", "two")]],
    "etc//./passwd",
    "root",
    [1, 0, 0],
  ],
  [
    "follows a link of an upper layer into a lower one",
    [base, [folder("etc"), soft("etc/passwd", "group")]],
    "etc/passwd",
    "wheel",
    [1, 0, 0],
  ],
  ["follows a link to a folder", [base], "lib/os-release", "base", [0, 0]],
  ["follows an absolute link", [base], "abs/group", "wheel", [0, 0]],
  ["follows no link out of the image", [base], "up", "root", [0, 0]],
  ["goes up no further than the root", [base], "../../etc/group", "wheel", [
    0,
    0,
  ]],
  [
    "finds what was put into a folder by way of a link below",
    [base, [file("lib/os-release", "upper")]],
    "usr/lib/os-release",
    "upper",
    [1, 0, 1],
  ],
  [
    "resolves a hard link within a layer",
    [[file("a", "bytes"), hard("b", "a")]],
    "b",
    "bytes",
    [0, 0],
  ],
  [
    "resolves a hard link to a lower layer whose own name is gone",
    [[file("a", "bytes")], [hard("b", "a")], [file(".wh.a", "")]],
    "b",
    "bytes",
    [2, 1, 0, 0],
  ],
  [
    "resolves a hard link whose target was replaced since",
    [[file("a", "old")], [hard("b", "a"), file("a", "new")]],
    "b",
    "old",
    [1, 0, 0],
  ],
  [
    "takes the last of two entries of one layer",
    [[file("a", "first"), file("a", "last")]],
    "a",
    "last",
    [0, 0],
  ],
  [
    "sees a file beside its own layer's opaque marker",
    [base, [folder("etc"), file("etc/x", "own"), file("etc/.wh..wh..opq", "")]],
    "etc/x",
    "own",
    [1, 1],
  ],
  [
    "sees through a folder that replaced a file that replaced a folder",
    [base, [file("etc", "file")], [folder("etc"), file("etc/new", "new")]],
    "etc/new",
    "new",
    [2, 2],
  ],
  ["reads an empty file", [[file("a", "")]], "a", "", [0, 0]],
];

for (const [name, layers, path, content, opened] of READS) {
  Deno.test(`readFile() ${name}`, async () => {
    const image = imageOf(...layers);
    assert.equal(await readText(image, path), content);
    assert.deepEqual(image.opened, opened);
  });
}

const FAILURES: readonly (readonly [
  name: string,
  layers: readonly (readonly TarEntry[])[],
  path: string,
  code: string,
  exitCode: number,
  opened: readonly number[],
])[] = [
  ["an image without layers", [], "x", "path-not-found", 3, []],
  ["what is not there", [base], "etc/nothing", "path-not-found", 3, [0]],
  [
    "a file in a layer above its whiteout",
    [base, [folder("etc"), file("etc/.wh.passwd", "")], [file("x")]],
    "etc/passwd",
    "path-not-found",
    3,
    [2, 1],
  ],
  [
    "a file in a folder that an upper layer has opaque",
    [base, [folder("etc"), file("etc/.wh..wh..opq", "")]],
    "etc/passwd",
    "path-not-found",
    3,
    [1],
  ],
  [
    "a file in a folder that an upper layer has hidden",
    [base, [file(".wh.etc", "")]],
    "etc/passwd",
    "path-not-found",
    3,
    [1],
  ],
  [
    "a file in a folder that an upper layer made a file and then a folder",
    [base, [file("etc")], [folder("etc")]],
    "etc/passwd",
    "path-not-found",
    3,
    [2, 1],
  ],
  ["a dangling link", [base], "dangling", "path-not-found", 3, [0]],
  ["what is below a file", [base], "etc/passwd/x", "path-not-found", 3, [0]],
  ["a file with a slash", [base], "etc/passwd/", "path-not-found", 3, [0]],
  [
    "a whiteout by its own name",
    [base, [file(".wh.etc", "")]],
    ".wh.etc",
    "path-not-found",
    3,
    [1, 0],
  ],
  ["a folder", [base], "etc", "not-a-file", 1, [0]],
  ["the root", [base], "/", "not-a-file", 1, [0]],
  ["nothing", [base], "", "not-a-file", 1, [0]],
  ["links without end", [base], "loop", "link-loop", 1, [0]],
  ["a path through links without end", [base], "loop/x", "link-loop", 1, [0]],
];

for (const [name, layers, path, code, exitCode, opened] of FAILURES) {
  Deno.test(`readFile() of ${name} is ${code}`, async () => {
    const image = imageOf(...layers);
    await assert.rejects(read(image, path), (error) => {
      assert.ok(error instanceof DrayError, String(error));
      assert.deepEqual([error.code, error.exitCode], [code, exitCode]);
      return true;
    });
    assert.deepEqual(image.opened, opened);
  });
}

Deno.test("readFile() of a sparse file gives its holes as zeros, at its end too", async () => {
  const image = countedLayers([rawTar(
    rawPax({ "GNU.sparse.size": "200000", "GNU.sparse.map": "3,4,150000,2" }),
    rawEntry({ name: "s" }, "abcdef"),
  )]);
  const expected = new Uint8Array(200000);
  expected.set(new TextEncoder().encode("abcd"), 3);
  expected.set(new TextEncoder().encode("ef"), 150000);
  assert.deepEqual(await read(image, "s"), expected);
  assert.deepEqual(await read(image, "s", { eager: true }), expected);
});

Deno.test("readFile() of a device tells that it is none to read", async () => {
  const image = countedLayers([
    rawTar(rawEntry({ name: "null", type: "3", major: 1, minor: 3 })),
  ]);
  await assert.rejects(read(image, "null"), /it is a character device$/);
});

Deno.test("readFile() writes nothing where the layer is not what its diffID says", async () => {
  const { layers } = imageOf([file("a", "bytes")]);
  const wrong = layers.map((layer) => ({
    ...layer,
    diffId: `sha256:${"0".repeat(64)}` as const,
  }));
  let written = 0;
  await assert.rejects(
    readFile(wrong, "a", { write: ({ length }) => written += length }),
    { code: "digest-mismatch", exitCode: 6 },
  );
  assert.equal(written, 0);
});

Deno.test("readFile() eagerly writes the file as it comes and leaves the rest of its layer", async () => {
  const content = randomBytes(20_000, 1);
  const image = imageOf(base, [
    folder("etc"),
    { path: "etc/passwd", content },
    { path: "etc/rest", content: randomBytes(500_000, 2) },
  ]);
  const bytes = await read(image, "etc/passwd", { eager: true });
  assert.deepEqual(bytes, content);
  assert.deepEqual(image.opened, [1]);
  assert.ok((image.bytes[1] ?? 0) < 25_000, String(image.bytes));
});

Deno.test("readFile() eagerly follows links that come before their target in the same layer", async () => {
  const image = imageOf([
    soft("l", "d"),
    folder("d"),
    soft("d/m", "/d/f"),
    file("d/f", "found"),
    file("rest", "x".repeat(100_000)),
  ]);
  assert.equal(await readText(image, "l/m", { eager: true }), "found");
  assert.deepEqual(image.opened, [0]);
  assert.ok((image.bytes[0] ?? 0) < 10_000);
});

Deno.test("readFile() eagerly opens a layer again where the target came before its link", async () => {
  const image = imageOf([folder("d"), file("d/f", "found"), soft("l", "d/f")]);
  assert.equal(await readText(image, "l", { eager: true }), "found");
  assert.deepEqual(image.opened, [0, 0]);
});

for (const [name, layers, path, content] of READS) {
  // Only this one can't be known before the layer's end.
  if (name.startsWith("takes the last")) continue;
  Deno.test(`readFile() eagerly ${name}`, async () => {
    const image = imageOf(...layers);
    assert.equal(await readText(image, path, { eager: true }), content);
  });
}

Deno.test("readFile() stops where it is interrupted", async () => {
  const image = imageOf([file("a", "x".repeat(10_000))]);
  const signal = AbortSignal.abort(new Error("enough"));
  await assert.rejects(read(image, "a", { signal }), /enough/);
});
