import type { Digest } from "../spec/digest.ts";
import { removeIfThere } from "../io/open_regular_file.ts";
import type { Store } from "../store/store.ts";
import { listUnpacked, type UnpackedFolder } from "./unpacked_folders.ts";

/** What no reference needs. */
export interface Garbage {
  readonly blobs: readonly SizedDigest[];
  readonly partials: readonly SizedDigest[];
  /** Unpacked layers, and what crashes left among them. */
  readonly folders: readonly UnpackedFolder[];
  readonly leftovers: readonly { path: string; bytes: number }[];
  /** All of it, as the disk counts where that differs from the content. */
  readonly bytes: number;
}

/** A digest and what its file takes. */
export interface SizedDigest {
  readonly digest: Digest;
  readonly bytes: number;
}

/** What counts as garbage. */
export interface GarbageOptions {
  /** Age of a partial download from which on it is. */
  readonly partialsOlderThanMs: number;
  /** The clock, in milliseconds. */
  readonly now: () => number;
}

/** A week: a download that was interrupted on Friday goes on on Monday. */
export const DEFAULT_PARTIAL_AGE_MS = 7 * 24 * 3_600_000;

/** Finds what no reference needs, and changes nothing. */
export function findGarbage(store: Store, options: GarbageOptions): Garbage {
  const { upkeep } = store;
  const needed = upkeep.neededDigests();
  const blobs: SizedDigest[] = [];
  for (const digest of upkeep.blobNames()) {
    if (needed.has(digest)) continue;
    const bytes = upkeep.findBlobFile(digest)?.size;
    if (bytes !== undefined) blobs.push({ digest, bytes });
  }
  const partials = findPartials(store, options);
  const folders = findUnneededFolders(store, needed);
  const leftovers = upkeep.leftovers();
  const all = [...blobs, ...partials, ...folders, ...leftovers];
  const bytes = all.reduce((sum, item) => sum + item.bytes, 0);
  return { blobs, partials, folders, leftovers, bytes };
}

/** Unpacked layers of which no reference needs the blob, and what crashes left beside them. */
export function findUnneededFolders(
  store: Store,
  needed: ReadonlySet<string> = store.upkeep.neededDigests(),
): readonly UnpackedFolder[] {
  return listUnpacked(store.dir)
    .filter(({ digest }) => digest === undefined || !needed.has(digest));
}

/** Old ones, and those whose blob came in another way. */
function findPartials(
  store: Store,
  { partialsOlderThanMs, now }: GarbageOptions,
): readonly SizedDigest[] {
  const before = now() - partialsOlderThanMs;
  return store.space.listPartials().filter(({ digest, modifiedAtMs }) =>
    // Whatever the clock was when it was written.
    partialsOlderThanMs === 0 || modifiedAtMs <= before ||
    store.upkeep.findBlobFile(digest)?.isFile === true
  );
}

/** Removes partials whose blob is there; what writers work on stays. */
export function sweepLeftovers(store: Store): void {
  const { upkeep } = store;
  for (const { digest } of store.space.listPartials()) {
    if (upkeep.findBlobFile(digest)?.isFile) upkeep.removePartial(digest);
  }
}

/** Removes files that crashes left. The caller keeps writers out. */
export function removeLeftovers({ leftovers }: Garbage): void {
  for (const { path } of leftovers) removeIfThere(path);
}
