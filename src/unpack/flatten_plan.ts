import type { TarHeader } from "../tar/tar_header.ts";
import type { MergedFolder, MergedLeaf } from "./merged_node.ts";

/** A file whose content is in a layer. */
export interface PlannedFile {
  readonly header: TarHeader;
  /** Its further names. */
  readonly links: readonly TarHeader[];
}

/** What a flattened archive holds, in three parts that follow each other. */
export interface FlattenPlan {
  /** Files with content, by layer and by their place in it. */
  readonly files: readonly ReadonlyMap<number, PlannedFile>[];
  /** Empty files, links and devices. */
  readonly others: readonly TarHeader[];
  /** Folders, what is in them first, so that their modes and times are set last. */
  readonly folders: readonly TarHeader[];
}

/** Plans an archive of a tree. @param count How many layers there are. */
export function planFlatten(root: MergedFolder, count: number): FlattenPlan {
  const names = new Map<MergedLeaf, string[]>();
  const folders: TarHeader[] = [];
  collect(root, "", names, folders);
  const files = Array.from(
    { length: count },
    () => new Map<number, PlannedFile>(),
  );
  const others: TarHeader[] = [];
  for (const [leaf, [path = "", ...more]] of names) {
    const header = leafHeader(path, leaf);
    const links = more.map((name) => linkHeader(name, path, leaf));
    const { layer, index } = leaf.origin;
    if (header.size === 0) others.push(header, ...links);
    else files[layer]?.set(index, { header, links });
  }
  return { files, others, folders };
}

function collect(
  folder: MergedFolder,
  path: string,
  names: Map<MergedLeaf, string[]>,
  folders: TarHeader[],
): void {
  for (const name of [...folder.children.keys()].sort()) {
    const child = folder.children.get(name);
    const at = path === "" ? name : `${path}/${name}`;
    if (child?.kind === "folder") collect(child, at, names, folders);
    else if (child !== undefined) {
      const known = names.get(child);
      if (known === undefined) names.set(child, [at]);
      else known.push(at);
    }
  }
  // Of a root that no layer tells of, the folder it is unpacked into knows more.
  if (path === "" && folder.entry === undefined) return;
  folders.push(folderHeader(path === "" ? "." : path, folder));
}

function folderHeader(path: string, { entry }: MergedFolder): TarHeader {
  const { mode = 0o755, uid = 0, gid = 0, mtime = 0, xattrs } = entry ?? {};
  return {
    path,
    type: "directory",
    mode,
    uid,
    gid,
    mtime,
    ...xattrs === undefined ? {} : { xattrs },
  };
}

function leafHeader(path: string, { entry }: MergedLeaf): TarHeader {
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

function linkHeader(
  path: string,
  linkPath: string,
  { entry: { mode, uid, gid, mtime } }: MergedLeaf,
): TarHeader {
  return { path, type: "hardlink", linkPath, mode, uid, gid, mtime };
}
