import { rawEntry, type RawHeader, rawPax } from "../tar/raw_tar.ts";

/** What a hostile image must come to; undefined where it is harmless and unpacks. */
export type Outcome =
  | "path-unsafe"
  | "archive-invalid"
  | "limit-exceeded"
  | undefined;

/** A hostile image. */
export interface HostileCase {
  /** The row of RESEARCH 4.4. */
  readonly name: string;
  /** Layers; `victim` is a folder outside of the root, `file` in it is to be kept. */
  readonly layers: (victim: string) => readonly (readonly Uint8Array[])[];
  readonly outcome: Outcome;
  /** What is left in the root where it unpacks, without owners and times. */
  readonly left?: readonly string[] | ((victim: string) => readonly string[]);
}

const file = (name: string, more: RawHeader = {}): Uint8Array =>
  rawEntry({ name, ...more }, "hostile");
const folder = (name: string, mode = 0o755): Uint8Array =>
  rawEntry({ name, type: "5", mode });
const link = (name: string, target: string): Uint8Array =>
  rawPaxLink(name, target, "2");
const hard = (name: string, target: string): Uint8Array =>
  rawPaxLink(name, target, "1");

/** What an absolute link to the victim means in the root. */
const rel = (victim: string): string => victim.slice(1);
const inside = (victim: string): readonly string[] =>
  rel(victim).split("/").map((_, at, names) =>
    `${names.slice(0, at + 1).join("/")} folder`
  );

/** Targets are temporary folders, whose paths may be longer than the field. */
function rawPaxLink(name: string, linkpath: string, type: string): Uint8Array {
  const pax = rawPax({ linkpath });
  const entry = rawEntry({ name, type, link: "x" });
  const both = new Uint8Array(pax.length + entry.length);
  both.set(pax);
  both.set(entry, pax.length);
  return both;
}

/** Every row of RESEARCH 4.4 that is about what layers hold. */
export const HOSTILE_LAYERS: readonly HostileCase[] = [
  {
    name: "CVE-2014-6407 a → /victim, then a/x",
    layers: (v) => [[link("a", v), file("a/x")]],
    outcome: undefined,
    left: (v) => [". folder", "a link", ...inside(v), `${rel(v)}/x file`],
  },
  {
    name: "CVE-2014-6407 a → ../victim, then a/x",
    layers: () => [[link("a", "../victim"), file("a/x")]],
    outcome: undefined,
    left: [". folder", "a link", "victim folder", "victim/x file"],
  },
  {
    name: "CVE-2014-6407 the link in a lower layer",
    layers: (v) => [[link("a", v)], [file("a/file")]],
    outcome: undefined,
    left: (v) => [". folder", "a link", ...inside(v), `${rel(v)}/file file`],
  },
  {
    name: "CVE-2014-6407 through a link to a link",
    layers: () => [[
      link("a", "b"),
      link("b", "c/../.."),
      folder("c"),
      file("a/victim/file"),
    ]],
    outcome: undefined,
    left: [
      ". folder",
      "a link",
      "b link",
      "c folder",
      "victim folder",
      "victim/file file",
    ],
  },
  {
    name: "CVE-2014-9356 absolute link as a folder's parent",
    layers: (v) => [[link("a", v), folder("a/d")]],
    outcome: undefined,
    left: (v) => [". folder", "a link", ...inside(v), `${rel(v)}/d folder`],
  },
  {
    name: "CVE-2014-6407 hard link to /victim/file",
    layers: (v) => [[hard("h", `${v}/file`)]],
    outcome: "path-unsafe",
  },
  {
    name: "CVE-2014-6407 hard link to ../victim/file",
    layers: () => [[hard("h", "../victim/file")]],
    outcome: "path-unsafe",
  },
  {
    name: "CVE-2014-6407 the real thing: var/run → /run, then var/run/x above",
    layers: () => [
      [folder("run"), folder("var"), link("var/run", "/run")],
      [file("var/run/x")],
    ],
    outcome: undefined,
    left: [
      ". folder",
      "run folder",
      "run/x file",
      "var folder",
      "var/run link",
    ],
  },
  {
    name: "a link that climbs, whose folder was there and is whited out",
    layers: () => [
      [folder("b"), file("b/x"), link("a", "../../../b")],
      [file("a/.wh.x"), file("a/y")],
      [file(".wh.b"), file("a/z")],
    ],
    outcome: undefined,
    left: [". folder", "a link", "b folder", "b/z file"],
  },
  {
    name: "a folder replaced by a link between two of its files",
    layers: () => [
      [folder("d"), file("d/x"), folder("e")],
      [link("d", "/e"), file("d/y")],
    ],
    outcome: undefined,
    left: [". folder", "d link", "e folder", "e/y file"],
  },
  {
    name: "a link to the root itself",
    layers: () => [[link("a", "/"), file("a/x"), link("b", ".."), file("b/y")]],
    outcome: undefined,
    left: [". folder", "a link", "b link", "x file", "y file"],
  },
  {
    name: "a link whose target is a file",
    layers: (v) => [[file("f"), link("a", "/f"), link("b", v), file("a/x")]],
    outcome: "path-unsafe",
  },
  {
    name: "a file over a link to a folder replaces the link",
    layers: (
      v,
    ) => [[link("a", v)], [file("a")], [link("a", "/b"), folder("b")], [
      file("a/x"),
    ]],
    outcome: undefined,
    left: [". folder", "a link", "b folder", "b/x file"],
  },
  {
    name: "hard link to the host through a link, whose twin is in the root",
    layers: (v) => [[link("a", v), file("a/file"), hard("h", "a/file")]],
    outcome: undefined,
    left: (
      v,
    ) => [". folder", "a link", "h file", ...inside(v), `${rel(v)}/file same`],
  },
  {
    name: "hard link made through a link to the host",
    layers: (v) => [[link("a", v), file("f"), hard("a/file", "f")]],
    outcome: undefined,
    left: (
      v,
    ) => [". folder", "a link", "f file", ...inside(v), `${rel(v)}/file same`],
  },
  {
    name: "device and link made through a link to the host",
    layers: (v) => [[
      link("a", v),
      rawEntry({ name: "a/null", type: "3", major: 1, minor: 3 }),
      link("a/file", "/etc/passwd"),
    ]],
    outcome: undefined,
    left: (v) => [". folder", "a link", ...inside(v), `${rel(v)}/file link`],
  },
  {
    name: "hard link through a link",
    layers: (v) => [[link("a", v), hard("h", "a/file"), file("h")]],
    outcome: "path-unsafe",
  },
  {
    name: "CVE-2021-32760 folder with mode 0777 over a link",
    layers: (v) => [[link("a", v), folder("a", 0o777)]],
    outcome: undefined,
    left: [". folder", "a folder"],
  },
  {
    name: "CVE-2021-32760 file with mode 0777 over a link",
    layers: (v) => [[link("a", `${v}/file`), file("a", { mode: 0o777 })]],
    outcome: undefined,
    left: [". folder", "a file"],
  },
  {
    name: "CVE-2021-32760 in two layers",
    layers: (v) => [[link("a", v)], [folder("a", 0o777)]],
    outcome: undefined,
    left: [". folder", "a folder"],
  },
  {
    name: "CVE-2026-33056 folder replaced by a link before its mode is set",
    layers: (v) => [[folder("d", 0o777), link("d", v)]],
    outcome: undefined,
    left: [". folder", "d link"],
  },
  {
    name: "CVE-2026-33056 in two layers, with content",
    layers: (v) => [[folder("d", 0o777), file("d/x")], [link("d", v)]],
    outcome: undefined,
    left: [". folder", "d link"],
  },
  {
    name: "CVE-2026-33056 folder whited out, then a link in its place",
    layers: (v) => [[folder("d", 0o777)], [file(".wh.d"), link("d", v)]],
    outcome: undefined,
    left: [". folder", "d link"],
  },
  {
    name: "CVE-2026-23745 hard link through a chain of links",
    layers: () => [[
      link("l2", "../victim"),
      link("l1", "l2"),
      hard("h", "l1/file"),
      file("h"),
    ]],
    outcome: "path-unsafe",
  },
  {
    name: "CVE-2026-26960 hard link to a link, then written to",
    layers: (v) => [[link("l", `${v}/file`), hard("h", "l"), file("h")]],
    outcome: undefined,
    left: [". folder", "h file", "l link"],
  },
  {
    name: "CVE-2026-42496 file over a link to a file",
    layers: (v) => [[link("l", `${v}/file`), file("l")]],
    outcome: undefined,
    left: [". folder", "l file"],
  },
  {
    name: "CVE-2021-21272 ../../x",
    layers: () => [[file("../../x")]],
    outcome: "path-unsafe",
  },
  {
    name: "CVE-2021-21272 a/../../x",
    layers: () => [[file("a/../../x")]],
    outcome: "path-unsafe",
  },
  {
    name: "CVE-2026-50162 /absolute stays inside",
    layers: () => [[file("/abs")]],
    outcome: undefined,
    left: [". folder", "abs file"],
  },
  {
    name: "CVE-2026-50163 hard link relative to the working directory",
    layers: () => [[hard("h", "deno.json")]],
    outcome: "path-unsafe",
  },
  {
    name: "C:\\x is a name like any other here",
    layers: () => [[file("C:\\x")]],
    outcome: undefined,
    left: [". folder", "C:\\x file"],
  },
  {
    name: "whiteout under a link to the host",
    layers: (v) => [[link("d", v)], [file("d/.wh.file")]],
    outcome: undefined,
    left: [". folder", "d link"],
  },
  {
    name: "whiteout under a link, in one layer",
    layers: (v) => [[folder("x")], [link("d", v), file("d/.wh.file")]],
    outcome: undefined,
    left: [". folder", "d link", "x folder"],
  },
  {
    name: "opaque marker under a link to the host",
    layers: (v) => [[link("d", v)], [file("d/.wh..wh..opq")]],
    outcome: undefined,
    left: [". folder", "d link"],
  },
  {
    name: "opaque marker under a link upwards",
    layers: () => [[link("d", "../victim")], [file("d/.wh..wh..opq")]],
    outcome: undefined,
    left: [". folder", "d link"],
  },
  {
    name: "whiteout of a link to the host removes the link",
    layers: (v) => [[link("d", v)], [file(".wh.d")]],
    outcome: undefined,
    left: [". folder"],
  },
  {
    name: "whiteout of nothing: .wh.",
    layers: () => [[folder("x")], [file(".wh.")]],
    outcome: "path-unsafe",
  },
  {
    name: "whiteout of .: .wh..",
    layers: () => [[folder("x")], [file(".wh..")]],
    outcome: "path-unsafe",
  },
  {
    name: "whiteout of ..: .wh...",
    layers: () => [[folder("x")], [file(".wh...")]],
    outcome: "path-unsafe",
  },
  {
    name: "entry in a whiteout: .wh.../x",
    layers: () => [[folder("x")], [file(".wh.../x")]],
    outcome: "path-unsafe",
  },
  {
    name: "entry in a whiteout: .wh.a/b",
    layers: () => [[folder("x")], [file(".wh.a/b")]],
    outcome: "path-unsafe",
  },
  {
    name: "name: empty",
    layers: () => [[rawEntry({ name: "" })]],
    outcome: "archive-invalid",
  },
  {
    name: "name: . as a file",
    layers: () => [[file(".")]],
    outcome: "path-unsafe",
  },
  {
    name: "name: .. as a folder",
    layers: () => [[folder("..")]],
    outcome: "path-unsafe",
  },
  {
    name: "name: / as a file",
    layers: () => [[rawEntry({ name: "/", type: "7" }, "x")]],
    outcome: "path-unsafe",
  },
  {
    name: "name: / as a folder is the root",
    layers: () => [[folder("/", 0o700)]],
    outcome: undefined,
    left: [". folder"],
  },
  {
    name: "name: link in the root's place",
    layers: (v) => [[link("./", v)]],
    outcome: "path-unsafe",
  },
  {
    name: "name: NUL inside",
    layers: () => [[rawPax({ path: "a\0b" }), file("x")]],
    outcome: "archive-invalid",
  },
  {
    name: "name: 5000 bytes",
    layers: () => [[rawPax({ path: "n/".repeat(2500) }), folder("x")]],
    outcome: "limit-exceeded",
  },
  {
    name: "name: one of 256 bytes",
    layers: () => [[rawPax({ path: "ü".repeat(128) }), file("x")]],
    outcome: "limit-exceeded",
  },
  {
    name: "name: 600 folders deep",
    layers: () => [[rawPax({ path: "n/".repeat(600) }), folder("x")]],
    outcome: "limit-exceeded",
  },
  {
    name: "name: case and normal form make two files on Linux",
    layers: () => [[file("A"), file("a"), file("\u00e9"), file("e\u0301")]],
    outcome: undefined,
    left: [". folder", "A file", "a file", "e\u0301 file", "\u00e9 file"],
  },
  {
    name: "type: folder over a file",
    layers: () => [[file("a"), folder("a"), file("a/b")]],
    outcome: undefined,
    left: [". folder", "a folder", "a/b file"],
  },
  {
    name: "type: file over a folder with content",
    layers: () => [[folder("a"), file("a/b"), file("a")]],
    outcome: undefined,
    left: [". folder", "a file"],
  },
  {
    name: "type: entry below a file",
    layers: () => [[file("a"), file("a/b")]],
    outcome: "path-unsafe",
  },
  {
    name: "type: entry below a file of a lower layer",
    layers: () => [[file("a")], [file("a/b")]],
    outcome: "path-unsafe",
  },
  {
    name: "type: link onto itself",
    layers: () => [[link("a", "a"), file("a/b")]],
    outcome: "path-unsafe",
  },
  {
    name: "type: link onto itself alone",
    layers: () => [[link("a", "a")]],
    outcome: undefined,
    left: [". folder", "a link"],
  },
  {
    name: "type: links in a circle",
    layers: () => [[link("a", "b"), link("b", "a"), file("a/x")]],
    outcome: "path-unsafe",
  },
  {
    name: "type: 50 links in a row",
    layers: () => [[
      ...Array.from({ length: 50 }, (_, i) => link(`l${i}`, `l${i + 1}`)),
      folder("l50"),
      file("l0/x"),
    ]],
    outcome: "path-unsafe",
  },
  {
    name: "type: hard link to itself",
    layers: () => [[hard("a", "a")]],
    outcome: "path-unsafe",
  },
  {
    name: "type: hard link to itself that is there",
    layers: () => [[file("a"), hard("a", "./a")]],
    outcome: undefined,
    left: [". folder", "a file"],
  },
  {
    name: "type: hard link to a folder",
    layers: () => [[folder("d"), hard("h", "d")]],
    outcome: "path-unsafe",
  },
  {
    name: "type: hard link over the folder that holds its target",
    layers: () => [[folder("d"), file("d/f"), hard("d", "d/f")]],
    outcome: "path-unsafe",
  },
  {
    name: "type: hard link below its own target, a file",
    layers: () => [[file("c"), hard("c/a", "c")]],
    outcome: "path-unsafe",
  },
  {
    name: "type: hard link below its own target, a device",
    layers: () => [[rawEntry({ name: "c", type: "4" }), hard("c/a", "c")]],
    outcome: "path-unsafe",
  },
  {
    name: "type: hard link to the root",
    layers: () => [[hard("h", "/")]],
    outcome: "path-unsafe",
  },
  {
    name: "type: unknown typeflag",
    layers: () => [[file("a", { type: "Q" })]],
    outcome: "archive-invalid",
  },
  {
    name: "type: devices without mknod are not files",
    layers: () => [[
      rawEntry({ name: "null", type: "3", major: 1, minor: 3 }),
      rawEntry({ name: "sda", type: "4", major: 8 }),
      rawEntry({ name: "pipe", type: "6" }),
    ]],
    outcome: undefined,
    left: [". folder"],
  },
  {
    name: "type: entry below a device",
    layers: () => [[rawEntry({ name: "d", type: "3" }), file("d/x")]],
    outcome: undefined,
    left: [". folder", "d folder", "d/x file"],
  },
  {
    name: "xattr trusted.overlay.opaque",
    layers: () => [[
      rawPax({ "SCHILY.xattr.trusted.overlay.opaque": "y" }),
      folder("d"),
    ]],
    outcome: "path-unsafe",
  },
  {
    name: "xattr user.overlay.redirect",
    layers: () => [[
      rawPax({ "SCHILY.xattr.user.overlay.redirect": "/etc" }),
      folder("d"),
    ]],
    outcome: "path-unsafe",
  },
  {
    name: "sparse file of 1 TB",
    layers: () => [[
      rawPax({ "GNU.sparse.size": String(2 ** 40), "GNU.sparse.map": "0,1" }),
      rawEntry({ name: "s" }, "x"),
    ]],
    outcome: "limit-exceeded",
  },
  {
    name: "sparse files of 40 GB, twice",
    layers: () => [
      ["a", "b"].flatMap((
        name,
      ) => [
        rawPax({ "GNU.sparse.size": "40000000000", "GNU.sparse.map": "0,1" }),
        rawEntry({ name }, "x"),
      ]),
    ],
    outcome: "limit-exceeded",
  },
];

/**
 * What comes of devices where they are not made on disk, for the victim `/victim/deep`: unpacking
 * without the right to make them has none.
 */
export const DEVICES_ON_RECORD: Readonly<
  Record<string, readonly string[] | string>
> = {
  "type: devices without mknod are not files": [
    ". folder",
    "null device",
    "pipe device",
    "sda device",
  ],
  "type: entry below a device": "path-unsafe",
  "device and link made through a link to the host": [
    ". folder",
    "a link",
    "victim folder",
    "victim/deep folder",
    "victim/deep/file link",
    "victim/deep/null device",
  ],
};
