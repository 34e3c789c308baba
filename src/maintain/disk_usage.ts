import type { Store } from "../store/store.ts";
import { DEFAULT_PARTIAL_AGE_MS, findGarbage } from "./garbage.ts";
import { listUnpacked } from "./unpacked_folders.ts";

/** How {@linkcode diskUsage} counts. */
export interface DiskUsageOptions {
  /** As of {@linkcode prune}. Default: a week. */
  readonly partialsOlderThanMs?: number;
  /** The clock, in milliseconds. Default `Date.now`. */
  readonly now?: () => number;
}

/** What a store uses. */
export interface DiskUsage {
  /** References. */
  readonly images: number;
  /** Blobs, each once however many images need it. */
  readonly blobs: number;
  /** Their bytes. */
  readonly blobBytes: number;
  /** Bytes of blobs that more than one image needs. */
  readonly sharedBytes: number;
  /** What partial downloads take of the disk. */
  readonly partialBytes: number;
  /** What unpacked layers take of the disk. */
  readonly unpackedBytes: number;
  /** What {@linkcode prune} would free. */
  readonly reclaimableBytes: number;
}

/**
 * Tells what a store uses, and what pruning it would free.
 *
 * @throws LocalError permission-denied, io
 *
 * @example
 * ```ts
 * import { diskUsage, Store } from "@dray/dray";
 *
 * await using store = await Store.open(await Deno.makeTempDir());
 * const { reclaimableBytes } = diskUsage(store);
 * console.assert(reclaimableBytes === 0);
 * ```
 */
export function diskUsage(
  store: Store,
  options: DiskUsageOptions = {},
): DiskUsage {
  const { partialsOlderThanMs = DEFAULT_PARTIAL_AGE_MS, now = Date.now } =
    options;
  let blobs = 0;
  let blobBytes = 0;
  for (const digest of store.upkeep.blobNames()) {
    const file = store.upkeep.findBlobFile(digest);
    if (file === undefined) continue;
    blobs++;
    blobBytes += file.size;
  }
  return {
    images: store.listImages().length,
    blobs,
    blobBytes,
    sharedBytes: store.space.sharedBytes(),
    partialBytes: sumOf(store.space.listPartials()),
    unpackedBytes: sumOf(listUnpacked(store.dir)),
    reclaimableBytes: findGarbage(store, { partialsOlderThanMs, now }).bytes,
  };
}

function sumOf(items: readonly { readonly bytes: number }[]): number {
  return items.reduce((sum, { bytes }) => sum + bytes, 0);
}
