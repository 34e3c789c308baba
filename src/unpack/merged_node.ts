import type { ArchiveEntry } from "../tar/archive_entry.ts";

/** Which entry of which layer; both count from 0, the lowest layer first. */
export interface EntryOrigin {
  readonly layer: number;
  readonly index: number;
}

/** What stands at a path once layers are merged. Hard links are one leaf under several names. */
export type MergedNode = MergedFolder | MergedLeaf;

/** A folder of a merged tree. */
export interface MergedFolder {
  readonly kind: "folder";
  readonly children: Map<string, MergedNode>;
  /** The entry that tells of it; undefined where it is only the folder of others. */
  entry?: ArchiveEntry | undefined;
  /** Of that entry. */
  origin?: EntryOrigin | undefined;
  /** Whether layers that were not read may have more in it. */
  isOpen: boolean;
  /** Only what is in it says that it is a folder; in the layers below it may be a link. */
  isAssumed: boolean;
  /** The entry that made a folder of what was assumed to be one: what came before may be gone. */
  contest?: EntryOrigin | undefined;
  /** Names that are gone, whatever the layers below have. */
  hidden?: Set<string> | undefined;
}

/** Anything else: a file, a symlink, a device, a FIFO. */
export interface MergedLeaf {
  readonly kind: "leaf";
  readonly entry: ArchiveEntry;
  readonly origin: EntryOrigin;
  /** A hard link to what only the layers below can tell. */
  readonly isUnknown: boolean;
}

/** What {@linkcode lookIn} finds. */
export type Found = MergedNode | "absent" | "unknown";

/** What stands in a folder by a name. */
export function lookIn(folder: MergedFolder, name: string): Found {
  const child = folder.children.get(name);
  if (child !== undefined) return child;
  const isGone = !folder.isOpen || folder.hidden?.has(name) === true;
  return isGone ? "absent" : "unknown";
}

/** A folder that no entry tells of so far. */
export function newFolder(
  { isOpen, isAssumed = false }: {
    readonly isOpen: boolean;
    readonly isAssumed?: boolean;
  },
): MergedFolder {
  return { kind: "folder", children: new Map(), isOpen, isAssumed };
}

/** Whether an entry comes before another when layers are put on each other. */
export function isBefore(a: EntryOrigin, b: EntryOrigin): boolean {
  return a.layer < b.layer || a.layer === b.layer && a.index < b.index;
}
