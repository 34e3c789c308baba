import type { ArchiveEntryType, DeviceNumbers } from "../tar/archive_entry.ts";
import type { Digest } from "../spec/digest.ts";
import type { MergedNode } from "../unpack/merged_node.ts";
import type { LayerSource } from "../unpack/layer_source.ts";

/** A file, folder, link or device of an image. All texts are outside text. */
export interface ImageFile {
  /** From the listed folder down. */
  readonly name: string;
  /** From the image's root down, without links in its folders; begins with a slash. */
  readonly path: string;
  /** What it is. */
  readonly type: Exclude<ArchiveEntryType, "hardlink">;
  /** Bytes of a file, holes included. */
  readonly size: number;
  /** Permission bits with setuid, setgid and sticky. */
  readonly mode: number;
  /** Owner. */
  readonly uid: number;
  /** Group. */
  readonly gid: number;
  /** Seconds since 1970; undefined for a folder that no entry of a layer tells of. */
  readonly mtime?: number;
  /** Where a symlink leads. */
  readonly linkTarget?: string;
  /** Of a device. */
  readonly device?: DeviceNumbers;
  /** Extended attributes by full name. */
  readonly xattrs?: ReadonlyMap<string, Uint8Array>;
  /** The layer that it is from, as the manifest names it. */
  readonly layer?: Digest;
}

/** What is told of a node. @param rel Its path from the root, without links. */
export function imageFileOf(
  node: MergedNode,
  { name, rel, layers }: {
    readonly name: string;
    readonly rel: string;
    readonly layers: readonly LayerSource[];
  },
): ImageFile {
  const { entry, origin } = node;
  const type = entry?.type ?? "directory";
  const layer = origin && layers[origin.layer]?.digest;
  return {
    name,
    path: `/${rel}`,
    // Sound: a hard link stands in a tree as what it is a name of.
    type: type === "hardlink" ? "file" : type,
    size: entry?.size ?? 0,
    mode: entry?.mode ?? 0o755,
    uid: entry?.uid ?? 0,
    gid: entry?.gid ?? 0,
    ...entry === undefined ? {} : { mtime: entry.mtime },
    ...type === "symlink" ? { linkTarget: entry?.linkPath ?? "" } : {},
    ...entry?.device === undefined ? {} : { device: entry.device },
    ...entry?.xattrs === undefined ? {} : { xattrs: entry.xattrs },
    ...layer === undefined ? {} : { layer },
  };
}
