import fc from "fast-check";
import type { TarEntry } from "../../src/tar/write_tar.ts";

const NAMES = ["a", "b", "c", "d"];
const path = fc.array(fc.constantFrom(...NAMES), {
  minLength: 1,
  maxLength: 3,
}).map((names) => names.join("/"));
const target = fc.oneof(
  path,
  path.map((names) => `/${names}`),
  fc.constantFrom("/", "..", "../a", "../../../b", "a/../c", "c/..", "."),
);

const entry: fc.Arbitrary<TarEntry> = fc.oneof(
  { weight: 4, arbitrary: path.map((at): TarEntry => ({ path: at })) },
  {
    weight: 4,
    arbitrary: path.map((at): TarEntry => ({ path: at, type: "directory" })),
  },
  {
    weight: 2,
    arbitrary: fc.tuple(path, target).map(([at, linkPath]): TarEntry => ({
      path: at,
      type: "symlink",
      linkPath,
    })),
  },
  {
    weight: 1,
    arbitrary: fc.tuple(path, path).map(([at, linkPath]): TarEntry => ({
      path: at,
      type: "hardlink",
      linkPath,
    })),
  },
  {
    weight: 2,
    arbitrary: path.map((at): TarEntry => ({
      path: at.replace(/[^/]*$/, (name) => `.wh.${name}`),
    })),
  },
  {
    weight: 1,
    arbitrary: path.map((at): TarEntry => ({ path: `${at}/.wh..wh..opq` })),
  },
);

/** Layers as no tool would write them: any entry in any order, through whatever is there. */
export const wildLayers: fc.Arbitrary<readonly (readonly TarEntry[])[]> = fc
  .array(fc.array(entry, { maxLength: 7 }), { minLength: 1, maxLength: 4 })
  .map(numbered);

/** Layers as tools write them: each folder has an entry of its own before what is in it. */
export const honestLayers: fc.Arbitrary<readonly (readonly TarEntry[])[]> =
  wildLayers.map((layers) => layers.map(withFolders)).map(numbered);

/** Folders that links lead to, and the links: what a base image brings, as usrmerge does. */
const BASE: readonly TarEntry[] = [
  ...["a", "a/b", "b", "b/a"].map((at): TarEntry => ({
    path: at,
    type: "directory",
  })),
  ...[["l", "a"], ["m", "/a/b"], ["a/l", "../b"]].map((
    [at = "", linkPath = ""],
  ): TarEntry => ({ path: at, type: "symlink", linkPath })),
];
const way = fc.constantFrom("a", "a/b", "b", "b/a", "l", "m", "l/b", "a/l");
const placed = fc.tuple(way, fc.constantFrom("x", "y", "z")).map((names) =>
  names.join("/")
);
const sloppyEntry: fc.Arbitrary<TarEntry> = fc.oneof(
  { weight: 5, arbitrary: placed.map((at): TarEntry => ({ path: at })) },
  {
    weight: 1,
    arbitrary: placed.map((at): TarEntry => ({ path: at, type: "directory" })),
  },
  {
    weight: 1,
    arbitrary: fc.constantFrom("a", "a/b", "b", "b/a").map((
      at,
    ): TarEntry => ({ path: at, type: "directory" })),
  },
  {
    weight: 2,
    arbitrary: placed.map((at): TarEntry => ({
      path: at.replace(/[^/]*$/, (name) => `.wh.${name}`),
    })),
  },
  {
    weight: 1,
    arbitrary: way.map((at): TarEntry => ({ path: `${at}/.wh..wh..opq` })),
  },
);

/**
 * Layers as careless tools write them: without entries for folders, and by way of links that
 * only the lowest layer has.
 */
export const sloppyLayers: fc.Arbitrary<readonly (readonly TarEntry[])[]> = fc
  .array(fc.array(sloppyEntry, { maxLength: 7 }), {
    minLength: 1,
    maxLength: 4,
  }).map((layers) => numbered([BASE, ...layers]));

/** Every path that may be there, and some that are not. */
export const QUESTIONS: readonly string[] = [
  "",
  "/",
  ..."abcd",
  ...NAMES.flatMap((one) => NAMES.map((two) => `${one}/${two}`)),
  ...NAMES.flatMap((one) => NAMES.map((two) => `/${one}/${two}/a`)),
  ...["a", "b", "l", "m", "a/b", "b/a", "a/l"].flatMap((at) => [
    at,
    `${at}/x`,
    `${at}/y/`,
    `/${at}/z`,
  ]),
  "l/../b/x",
  "a/../b",
  "b/c/",
  "../a/./b",
];

function withFolders(entries: readonly TarEntry[]): readonly TarEntry[] {
  const made = new Set<string>();
  const all: TarEntry[] = [];
  for (const one of entries) {
    const names = one.path.split("/");
    for (let at = 1; at < names.length; at++) {
      const folder = names.slice(0, at).join("/");
      if (!made.has(folder)) all.push({ path: folder, type: "directory" });
      made.add(folder);
    }
    all.push(one);
    if (one.type === "directory") made.add(one.path);
    else made.delete(one.path);
  }
  return all;
}

/** Each entry with content, mode, owner and time of its own, to tell them apart. */
function numbered(
  layers: readonly (readonly TarEntry[])[],
): readonly (readonly TarEntry[])[] {
  let count = 0;
  return layers.map((entries) =>
    entries.map((one): TarEntry => {
      const isFile = one.type === undefined && !one.path.includes(".wh.");
      count++;
      return {
        ...one,
        mode: 0o600 + count % 64,
        uid: count % 3,
        gid: count % 5,
        mtime: count,
        ...isFile ? { content: `entry ${count}` } : {},
      };
    })
  );
}
