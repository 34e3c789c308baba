import type { EventListener } from "../events.ts";
import type { Digest } from "../spec/digest.ts";
import type { Store } from "../store/store.ts";
import { checkBlobs, type CheckedBlobs } from "./check_blobs.ts";
import { sweepLeftovers } from "./garbage.ts";
import { repairBlobs, type RepairOptions } from "./repair.ts";

/** How {@linkcode verify} works. */
export interface VerifyOptions {
  /** Canonical references of the store, of which alone the blobs are hashed. Default: all blobs. */
  readonly references?: readonly string[];
  /** Fetches what is damaged again with these. Default: damage is only told. */
  readonly repair?: RepairOptions;
  /** Hashes at the same time. Default: as many as there are cores. */
  readonly threads?: number;
  /** Told of `verify-progress`, and of a repair's transfers; must not throw. */
  readonly onEvent?: EventListener;
  /** Ends it; its reason is thrown. */
  readonly signal?: AbortSignal;
  /** Monotonic clock, ms. Default `performance.now`. */
  readonly now?: () => number;
}

/** What {@linkcode verify} found. */
export interface VerifyResult extends CheckedBlobs {
  /** With `repair`: what was damaged and is sound now, or is gone where nobody needed it. */
  readonly repaired?: readonly Digest[];
}

/**
 * Hashes the store's blobs again, at the speed of the disk or of all cores. A pull may go on
 * meanwhile; a prune waits.
 *
 * With `repair`, damaged blobs are taken out and fetched again from the repositories that the
 * references name, index.json is written anew, and what crashes left is cleared. `missing` and
 * `corrupt` then are what could not be mended; why is told as warnings.
 *
 * @throws LocalError store-damaged where the database is, disk-full, permission-denied, io
 *
 * @example
 * ```ts
 * import { Store, verify } from "@dray/dray";
 *
 * await using store = await Store.open(await Deno.makeTempDir());
 * const { missing, corrupt } = await verify(store);
 * console.assert(missing.length + corrupt.length === 0);
 * ```
 */
export async function verify(
  store: Store,
  options: VerifyOptions = {},
): Promise<VerifyResult> {
  const {
    references,
    repair,
    threads = navigator.hardwareConcurrency,
    onEvent = () => {},
    signal,
    now = () => performance.now(),
  } = options;
  await using _content = await store.retain({ signal });
  store.upkeep.checkDatabase({ whole: true });
  const found = await checkBlobs(store, {
    references,
    threads,
    onEvent,
    signal,
    now,
  });
  if (repair === undefined) return found;
  await using _repair = await store.upkeep.lockRepair({ signal });
  await store.upkeep.rewriteIndexJson();
  sweepLeftovers(store);
  const damaged = [...found.missing, ...found.corrupt];
  if (damaged.length === 0) return { ...found, repaired: [] };
  const controls = { ...repair, onEvent, signal };
  const repaired = await repairBlobs(store, damaged, controls);
  const remains = (digest: Digest): boolean => !repaired.has(digest);
  return {
    ...found,
    // What was damaged beyond help was taken out: it is missing now.
    missing: damaged.filter(remains).toSorted(),
    corrupt: [],
    repaired: [...repaired].toSorted(),
  };
}
