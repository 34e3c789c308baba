import type { TarHeader } from "../tar/tar_header.ts";
import type { MergedFolder, MergedLeaf } from "./merged_node.ts";

/** A file, link or device of a flattened archive. */
export interface PlannedLeaf {
  readonly path: string;
  readonly leaf: MergedLeaf;
  /** Its further names. */
  links?: string[];
}

/** A folder of a flattened archive. */
export interface PlannedFolder {
  readonly path: string;
  readonly folder: MergedFolder;
}

/** Leaves by their layer, and by their place in it. */
export type PlannedLayers = readonly Map<number, PlannedLeaf>[];

/** What a flattened archive holds, in three parts that follow each other. */
export interface FlattenPlan {
  /** Files with content. */
  readonly files: PlannedLayers;
  /** Empty files, links and devices. */
  readonly others: PlannedLayers;
  /** Folders, what is in them first, so that their modes and times are set last. */
  readonly folders: readonly PlannedFolder[];
}

/** Plans an archive of a tree. @param count How many layers there are. */
export function planFlatten(root: MergedFolder, count: number): FlattenPlan {
  const newLayers = (): Map<number, PlannedLeaf>[] =>
    Array.from({ length: count }, () => new Map());
  const [files, others] = [newLayers(), newLayers()];
  const folders: PlannedFolder[] = [];
  const addLeaf = (path: string, leaf: MergedLeaf): void => {
    const { entry, origin: { layer, index } } = leaf;
    const planned = (entry.size > 0 ? files : others)[layer];
    const known = planned?.get(index);
    if (known === undefined) planned?.set(index, { path, leaf });
    else (known.links ??= []).push(path);
  };
  const visit = (folder: MergedFolder, above: string): void => {
    for (const name of [...folder.children.keys()].sort()) {
      const child = folder.children.get(name);
      const path = `${above}${name}`;
      if (child?.kind === "leaf") addLeaf(keptPath(path, child), child);
      if (child?.kind !== "folder") continue;
      visit(child, `${path}/`);
      folders.push({ path, folder: child });
    }
  };
  visit(root, "");
  // Of a root that no layer tells of, the folder it is unpacked into knows more.
  if (root.entry !== undefined) folders.push({ path: ".", folder: root });
  return { files, others, folders };
}

/** The same text, once in memory where it can be. */
function keptPath(path: string, { entry }: MergedLeaf): string {
  return entry.path === path ? entry.path : path;
}

/** The header of a folder. */
export function folderHeader({ path, folder }: PlannedFolder): TarHeader {
  const { mode = 0o755, uid = 0, gid = 0, mtime = 0, xattrs } = folder.entry ??
    {};
  const attributes = xattrs === undefined ? {} : { xattrs };
  return { path, type: "directory", mode, uid, gid, mtime, ...attributes };
}

/** The header of a file, link or device. */
export function leafHeader({ path, leaf: { entry } }: PlannedLeaf): TarHeader {
  const { type, size, mode, uid, gid, mtime, linkPath, device, xattrs } = entry;
  return {
    path,
    type,
    size,
    mode,
    uid,
    gid,
    mtime,
    ...type === "symlink" ? { linkPath } : {},
    ...device === undefined ? {} : { device },
    ...xattrs === undefined ? {} : { xattrs },
  };
}

/** The headers of its further names. */
export function* linkHeaders(
  { path: linkPath, leaf: { entry }, links = [] }: PlannedLeaf,
): Generator<TarHeader> {
  const { mode, uid, gid, mtime } = entry;
  for (const path of links) {
    yield { path, type: "hardlink", linkPath, mode, uid, gid, mtime };
  }
}
