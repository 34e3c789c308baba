import { LocalError } from "../errors.ts";
import type { Descriptor } from "../spec/descriptor.ts";
import type { Digest } from "../spec/digest.ts";
import type { PullStore } from "./ports.ts";
import type { PullContext } from "./pull_context.ts";

/** What a pull has to bring. */
export interface MissingBlobs {
  readonly digests: Iterable<Digest>;
  /** What is to be written of them. */
  readonly bytes: number;
}

/**
 * Sees, before the first byte, that what is missing has room beside what other
 * pulls of this run are still writing. What earlier runs left has its room already, and what
 * they set aside counts for those blobs alone.
 *
 * @throws LocalError disk-full
 */
export async function checkRoom(
  { name, store, engine }: PullContext,
  { digests, bytes }: MissingBlobs,
): Promise<void> {
  if (bytes === 0) return;
  if (store.space.hasRoomFor(bytes + engine.outstandingBytes)) return;
  const free = await findRoom(store, [...digests, ...engine.underWay]);
  const needed = bytes + engine.outstandingBytes;
  if (free === undefined || needed <= free) return;
  throw new LocalError(
    "disk-full",
    `Cannot pull "${name}": ${needed} bytes are to be written and ${free} are free${
      placeOf(store)
    }`,
    {
      hint:
        "dray prune deletes what no image needs, with --partials-older-than 0 interrupted downloads, too",
      details: { needed, free },
    },
  );
}

/**
 * A disk that filled up all the same: adds how much is missing.
 *
 * @param blobs What is pulled; nothing of it is on its way any more.
 */
export async function explainFullDisk(
  error: unknown,
  { name, store }: PullContext,
  blobs: readonly Descriptor[] = [],
): Promise<unknown> {
  if (!(error instanceof LocalError) || error.code !== "disk-full") {
    return error;
  }
  if (error.details.needed !== undefined) return error;
  const needed = await sumMissing(store, blobs);
  const digests = blobs.map(({ digest }) => digest);
  const free = await findRoom(store, digests) ?? 0;
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

/** What is free for some blobs, what is set aside for them included. */
async function findRoom(
  store: PullStore,
  digests: readonly Digest[],
): Promise<number | undefined> {
  const free = await store.space.freeBytes();
  if (free === undefined) return undefined;
  return free + store.space.reservedBytes(new Set(digests));
}

async function sumMissing(
  store: PullStore,
  blobs: readonly Descriptor[],
): Promise<number> {
  let bytes = 0;
  for (const blob of blobs) {
    if (await store.hasBlob(blob)) continue;
    bytes += blob.size - (store.keptBytes([blob]).get(blob.digest) ?? 0);
  }
  return bytes;
}

/** Nothing where it would be no news: all is here but what is made of it. */
function tellMissing(needed: number, free: number): string {
  if (needed === 0) return "";
  return `, ${needed} more bytes are to be written and ${free} are free`;
}

function placeOf({ dir }: PullStore): string {
  return dir === undefined ? "" : ` in "${dir}"`;
}
