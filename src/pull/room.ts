import { LocalError } from "../errors.ts";
import type { PullStore } from "./ports.ts";
import type { PullContext } from "./pull_context.ts";

/**
 * Sees, before the first byte, that what is missing has room beside what other
 * pulls of this run are still writing. What earlier runs left has its room already.
 *
 * @param missingBytes What is to be written.
 * @throws LocalError disk-full
 */
export async function checkRoom(
  { name, store, engine }: PullContext,
  missingBytes: number,
): Promise<void> {
  if (missingBytes === 0) return;
  if (store.hasRoomFor(missingBytes + engine.outstandingBytes)) return;
  const free = await store.freeBytes();
  const needed = missingBytes + engine.outstandingBytes;
  if (free === undefined || needed <= free) return;
  throw new LocalError(
    "disk-full",
    `Cannot pull "${name}": ${needed} bytes are to be written and ${free} are free${
      placeOf(store)
    }`,
    {
      hint: "dray prune deletes what no image needs",
      details: { needed, free },
    },
  );
}

/** A disk that filled up all the same: adds how much is missing. */
export async function explainFullDisk(
  error: unknown,
  { name, store, engine }: PullContext,
): Promise<unknown> {
  if (!(error instanceof LocalError) || error.code !== "disk-full") {
    return error;
  }
  if (error.details.needed !== undefined) return error;
  const needed = engine.outstandingBytes;
  const free = await store.freeBytes() ?? 0;
  return new LocalError(
    "disk-full",
    `Cannot pull "${name}": the disk is full${tellMissing(needed, free)}${
      placeOf(store)
    }`,
    {
      cause: error,
      hint: "what is there is kept: make room and run it again",
      details: { ...error.details, needed, free },
    },
  );
}

/** Nothing where it would be no news: the blob that failed is not among those under way. */
function tellMissing(needed: number, free: number): string {
  if (needed === 0) return "";
  return `, ${needed} more bytes are to be written and ${free} are free`;
}

function placeOf({ dir }: PullStore): string {
  return dir === undefined ? "" : ` in "${dir}"`;
}
