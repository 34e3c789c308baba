import assert from "node:assert/strict";
import fc from "fast-check";
import { DrayError } from "../../src/errors.ts";
import { listFiles } from "../../src/look/list_files.ts";
import { type TarEntry, writeTar } from "../../src/tar/write_tar.ts";
import { rawEntry, rawPax, rawTar } from "../tar/raw_tar.ts";
import { tempDir } from "../testing/temp_dir.ts";
import { honestLayers, sloppyLayers } from "../unpack/random_layers.ts";
import { unpackTars } from "../unpack/unpack_tars.ts";
import { countedLayers } from "./counted_layers.ts";

const folder = (path: string): TarEntry => ({ path, type: "directory" });
const file = (path: string, content = path): TarEntry => ({ path, content });
const soft = (path: string, linkPath: string): TarEntry => ({
  path,
  type: "symlink",
  linkPath,
});

const base = [
  folder("etc"),
  file("etc/b"),
  file("etc/a"),
  folder("etc/sub"),
  file("etc/sub/deep"),
  soft("link", "etc"),
  soft("to-file", "etc/a"),
  soft("dangling", "nowhere"),
];

const LISTS: readonly (readonly [
  name: string,
  layers: readonly (readonly TarEntry[])[],
  path: string,
  options: { readonly recursive?: boolean; readonly followLast?: boolean },
  names: readonly string[],
  opened: readonly number[],
])[] = [
  ["the root", [base], "/", {}, ["dangling", "etc", "link", "to-file"], [0]],
  ["a folder", [base], "etc", {}, ["a", "b", "sub"], [0]],
  ["all below a folder", [base], "/etc/", { recursive: true }, [
    "a",
    "b",
    "sub",
    "sub/deep",
  ], [0]],
  ["a link to a folder as that", [base], "link", {}, ["a", "b", "sub"], [0]],
  ["a link itself where asked to", [base], "link", { followLast: false }, [
    "link",
  ], [0]],
  [
    "a link with a slash as the folder",
    [base],
    "link/",
    { followLast: false },
    [
      "a",
      "b",
      "sub",
    ],
    [0],
  ],
  ["a link to a file itself", [base], "to-file", {}, ["to-file"], [0]],
  ["a dangling link itself", [base], "dangling", {}, ["dangling"], [0]],
  ["a file", [base], "/etc/a", {}, ["/etc/a"], [0]],
  ["what all layers have", [base, [folder("etc"), file("etc/c")]], "etc", {}, [
    "a",
    "b",
    "c",
    "sub",
  ], [1, 0]],
  [
    "no whiteouts nor what they hide",
    [base, [
      folder("etc"),
      file("etc/.wh.a"),
      file("etc/.wh.sub"),
      file(".wh..wh.aufs"),
    ]],
    "/",
    { recursive: true },
    [
      "dangling",
      "etc",
      "etc/b",
      "link",
      "to-file",
    ],
    [1, 0],
  ],
  [
    "an opaque folder from the top layer alone",
    [base, [
      folder("etc"),
      file("etc/.wh..wh..opq"),
      file("etc/new"),
    ]],
    "etc",
    {},
    ["new"],
    [1],
  ],
  [
    "a folder that took a file's place from the layers down to that",
    [
      base,
      [file("etc")],
      [folder("etc"), file("etc/new")],
    ],
    "etc",
    { recursive: true },
    ["new"],
    [2, 1],
  ],
  [
    "a file from the top layer that has it",
    [base, [
      folder("etc"),
      file("etc/a", "new"),
    ]],
    "etc/a",
    {},
    ["etc/a"],
    [1],
  ],
  ["an empty image", [], "/", {}, [], []],
];

for (const [name, layers, path, options, names, opened] of LISTS) {
  Deno.test(`listFiles() lists ${name}`, async () => {
    const image = countedLayers(layers.map((entries) => writeTar(entries)));
    const files = await listFiles(image.layers, path, options);
    assert.deepEqual(files.map((one) => one.name), names);
    assert.deepEqual(image.opened, opened);
  });
}

Deno.test("listFiles() tells mode, owner, size, time, links, devices, attributes and layer", async () => {
  const capability = Uint8Array.of(1, 0, 0, 2);
  const { layers } = countedLayers([
    rawTar(
      rawEntry({ name: "d/null", type: "3", major: 1, minor: 3, mode: 0o666 }),
      rawEntry({ name: "d/pipe", type: "6" }),
    ),
    rawTar(
      rawPax({ "SCHILY.xattr.security.capability": capability, mtime: "1.5" }),
      rawEntry({ name: "d/ping", mode: 0o4755, uid: 5 }, "abc"),
      rawEntry({ name: "d/hard", type: "1", link: "d/ping" }),
      rawEntry({ name: "d/soft", type: "2", link: "/x" }),
    ),
  ]);
  const [low, high] = layers.map(({ digest }) => digest);
  const common = { size: 0, mode: 0o644, uid: 0, gid: 0, mtime: 0 };
  const ping = {
    type: "file",
    size: 3,
    mode: 0o4755,
    uid: 5,
    gid: 0,
    mtime: 1.5,
    xattrs: new Map([["security.capability", capability]]),
    layer: high,
  };
  assert.deepEqual(await listFiles(layers, "/", { recursive: true }), [
    {
      name: "d",
      path: "/d",
      type: "directory",
      size: 0,
      mode: 0o755,
      uid: 0,
      gid: 0,
    },
    { name: "d/hard", path: "/d/hard", ...ping },
    {
      ...common,
      name: "d/null",
      path: "/d/null",
      type: "character-device",
      mode: 0o666,
      device: { major: 1, minor: 3 },
      layer: low,
    },
    { name: "d/ping", path: "/d/ping", ...ping },
    { ...common, name: "d/pipe", path: "/d/pipe", type: "fifo", layer: low },
    {
      ...common,
      name: "d/soft",
      path: "/d/soft",
      type: "symlink",
      linkTarget: "/x",
      layer: high,
    },
  ]);
});

Deno.test("listFiles() of random layers lists what unpacking makes", async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.oneof(honestLayers, sloppyLayers),
      async (layers) => {
        await using dir = await tempDir();
        const tars = layers.map((entries) => writeTar(entries));
        try {
          await unpackTars(dir.join("root"), tars);
        } catch (error) {
          if (error instanceof DrayError) return;
          throw error;
        }
        const root = dir.join("root");
        for (const [path, recursive] of [["/", true], ["a", false]] as const) {
          const { layers } = countedLayers(tars);
          const files = await listFiles(layers, path, { recursive })
            .catch((error) => {
              assert.equal(error.code, "path-not-found");
              return undefined;
            });
          const isThere = isFolder(`${root}/${path}`);
          if (files === undefined || !isThere) {
            assert.ok(!isThere || files === undefined);
            continue;
          }
          assert.deepEqual(
            files.map(({ name }) => name),
            namesBelow(`${root}/${path}`, recursive),
          );
        }
      },
    ),
    { numRuns: 60 },
  );
});

function namesBelow(
  folder: string,
  recursive: boolean,
  prefix = "",
): readonly string[] {
  return [...Deno.readDirSync(folder)].sort((a, b) => a.name < b.name ? -1 : 1)
    .flatMap(({ name, isDirectory }) => [
      prefix + name,
      ...recursive && isDirectory
        ? namesBelow(`${folder}/${name}`, true, `${prefix}${name}/`)
        : [],
    ]);
}

/** As it is, without following links, which lead out of this root. */
function isFolder(path: string): boolean {
  try {
    return Deno.lstatSync(path).isDirectory;
  } catch {
    return false;
  }
}
