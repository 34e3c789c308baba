import { LocalError } from "../errors.ts";
import { Store } from "../store/store.ts";
import {
  DEFAULT_PARTIAL_AGE_MS,
  findGarbage,
  findUnneededFolders,
  type Garbage,
  removeLeftovers,
} from "./garbage.ts";
import { removeUnpacked } from "./unpacked_folders.ts";

/** How {@linkcode prune} works. */
export interface PruneOptions {
  /** Tell what would go, and delete nothing. Default false. */
  readonly dryRun?: boolean;
  /** Age of a partial download from which on it goes, in ms. Default: a week. */
  readonly partialsOlderThanMs?: number;
  /** Called once, when another process uses the store's content and is waited for. */
  readonly onWait?: () => void;
  /** Ends it between two deletions; its reason is thrown. The next prune goes on. */
  readonly signal?: AbortSignal;
  /** The clock, in milliseconds. Default `Date.now`. */
  readonly now?: () => number;
}

/** What {@linkcode prune} deleted, or would have. */
export interface PruneResult {
  /** Blobs that no reference needs. */
  readonly blobs: number;
  /** Partial downloads. */
  readonly partials: number;
  /** Folders of unpacked layers. */
  readonly layers: number;
  /** What all of it took, in bytes. */
  readonly bytes: number;
  /** Whether it was only told. */
  readonly dryRun: boolean;
}

/**
 * Deletes what no reference needs: blobs, rows, unpacked layers, and partial downloads that are
 * old. Waits until no other process relies on what is there. Killed at any moment, it leaves a
 * store where all that references need is there, and the next prune deletes the rest.
 *
 * @throws LocalError store-damaged, before anything is deleted; permission-denied, disk-full, io
 *
 * @example
 * ```ts
 * import { prune, Store } from "@dray/dray";
 *
 * await using store = await Store.open(await Deno.makeTempDir());
 * const { bytes } = await prune(store, { dryRun: true });
 * console.assert(bytes === 0);
 * ```
 */
export async function prune(
  store: Store,
  options: PruneOptions = {},
): Promise<PruneResult> {
  const {
    dryRun = false,
    partialsOlderThanMs = DEFAULT_PARTIAL_AGE_MS,
    onWait,
    signal,
    now = Date.now,
  } = options;
  const look = (): Garbage => findGarbage(store, { partialsOlderThanMs, now });
  if (dryRun || !Store.isAt(store.dir)) return describe(look(), dryRun);
  await using _content = await store.upkeep.lockContent({ onWait, signal });
  // A damaged database may not know any more what its references need.
  store.upkeep.checkDatabase({ whole: false });
  // Rows before files: files without rows are found again, and nobody asks for them.
  const isForgotten = await tryForget(store);
  const garbage = look();
  await removeFiles(store, garbage, signal);
  if (garbage.folders.length > 0) {
    await removeUnpacked(store.dir, () => findUnneededFolders(store), signal);
    store.upkeep.forgetUnpacked();
  }
  if (!isForgotten) await store.upkeep.forgetUnneeded();
  return describe(garbage, false);
}

/** On a full disk rows can't be deleted, and whoever wants room deletes: files first, then. */
async function tryForget(store: Store): Promise<boolean> {
  try {
    await store.upkeep.forgetUnneeded();
    return true;
  } catch (error) {
    if (error instanceof LocalError && error.code === "disk-full") return false;
    throw error;
  }
}

async function removeFiles(
  store: Store,
  garbage: Garbage,
  signal: AbortSignal | undefined,
): Promise<void> {
  for (const { digest } of garbage.blobs) {
    signal?.throwIfAborted();
    await store.dropBlob(digest);
  }
  for (const { digest } of garbage.partials) {
    signal?.throwIfAborted();
    store.upkeep.removePartial(digest);
  }
  removeLeftovers(garbage);
}

function describe(garbage: Garbage, dryRun: boolean): PruneResult {
  return {
    blobs: garbage.blobs.length,
    partials: garbage.partials.length,
    layers: garbage.folders.length,
    bytes: garbage.bytes,
    dryRun,
  };
}
