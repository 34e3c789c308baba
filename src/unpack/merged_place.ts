import { type PathLimits, unsafePath } from "./entry_path.ts";
import { followMerged, type MergedWay } from "./follow_merged.ts";
import {
  lookIn,
  type MergedFolder,
  type MergedLeaf,
  newFolder,
} from "./merged_node.ts";
import { exceeded } from "./unpack_limits.ts";

/** A place in a merged tree; without a name it is the root. */
export interface MergedPlace {
  readonly folder: MergedFolder;
  readonly name: string | undefined;
  readonly rel: string;
  readonly isDoubtful: boolean;
}

/** Where an entry belongs; its folders are made where there are none. */
export function locatePlace(
  root: MergedFolder,
  names: readonly string[],
  limits: PathLimits,
): MergedPlace {
  const way = followMerged(root, names.slice(0, -1));
  const { parts } = way;
  let folder = root;
  for (const part of parts) {
    if (part.kind === "other") {
      throw unsafePath(names.join("/"), "a part of its path is no folder");
    }
    folder = part.folder ?? enterFolder(folder, part.name, { isAssumed: true });
  }
  // By way of links it may be deeper than any path that is written.
  const { maxDepth, maxPathBytes } = limits;
  if (parts.length >= maxDepth) {
    throw exceeded("a path has more names than", limits, "maxDepth");
  }
  if ((parts.at(-1)?.rel.length ?? 0) > maxPathBytes) {
    throw exceeded("a path has more bytes than", limits, "maxPathBytes");
  }
  return placeIn(folder, way, names.at(-1));
}

/** Where an entry would be. */
export function findPlace(
  root: MergedFolder,
  names: readonly string[],
): MergedPlace | "absent" | "unknown" {
  const way = followMerged(root, names.slice(0, -1));
  const { parts } = way;
  if (parts.some(({ kind }) => kind === "unknown")) return "unknown";
  if (parts.some(({ kind }) => kind !== "folder")) return "absent";
  return placeIn(parts.at(-1)?.folder ?? root, way, names.at(-1));
}

function placeIn(
  folder: MergedFolder,
  { parts, isDoubtful }: MergedWay,
  name: string | undefined,
): MergedPlace {
  const rel = [parts.at(-1)?.rel, name].filter((part) => part !== undefined)
    .join("/");
  return { folder, name, rel, isDoubtful };
}

/** The folder by a name, made where there is none; what else stands there is replaced. */
export function enterFolder(
  folder: MergedFolder,
  name: string,
  { isAssumed = false }: { readonly isAssumed?: boolean } = {},
): MergedFolder {
  const found = lookIn(folder, name);
  if (found !== "absent" && found !== "unknown" && found.kind === "folder") {
    return found;
  }
  const isOpen = found === "unknown";
  const made = newFolder({ isOpen, isAssumed: isOpen && isAssumed });
  folder.children.set(name, made);
  return made;
}

/** Puts what is no folder at a place, over whatever stands there. */
export function putLeaf(
  { folder, name, rel }: MergedPlace,
  leaf: MergedLeaf,
): void {
  if (name === undefined) throw unsafePath(rel, "it is no folder");
  folder.children.set(name, leaf);
}
