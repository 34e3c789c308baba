import { LocalError } from "../errors.ts";
import type { Descriptor } from "../spec/descriptor.ts";
import { sumSizes } from "./plan.ts";
import type { BlobStore } from "./ports.ts";
import type { PullContext } from "./pull_context.ts";

/**
 * Sees, before the first byte, that what is missing has room beside what other
 * pulls of this run are still writing.
 *
 * @throws LocalError disk-full
 */
export async function checkRoom(
  { name, store, engine, work: { signal } }: PullContext,
  missing: readonly Descriptor[],
): Promise<void> {
  if (missing.length === 0) return;
  const free = await store.freeBytes();
  if (free === undefined) return;
  const expected = engine.outstandingBytes;
  if (sumSizes(missing) + expected <= free) return;
  // Partial downloads have their room already. Only a tight disk makes it worth a look at them.
  let needed = expected;
  for (const descriptor of missing) {
    needed += descriptor.size - await keptBytes(store, descriptor, signal);
  }
  if (needed <= free) return;
  throw new LocalError(
    "disk-full",
    `Cannot pull "${name}": ${needed} bytes are to be written and ${free} are free`,
    {
      hint: "dray prune deletes what no image needs",
      details: { needed, free },
    },
  );
}

async function keptBytes(
  store: BlobStore,
  descriptor: Descriptor,
  signal: AbortSignal,
): Promise<number> {
  const busy = new AbortController();
  try {
    await using ingest = await store.openIngest(descriptor, {
      signal: AbortSignal.any([signal, busy.signal]),
      onWait: () => busy.abort(),
    });
    return ingest === undefined ? descriptor.size : ingest.kept;
  } catch (error) {
    // Another process writes it; how much of it is there can't be seen.
    if (busy.signal.aborted && !signal.aborted) return 0;
    throw error;
  }
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
    `Cannot pull "${name}": the disk is full, ${needed} more bytes are to be written and ${free} are free`,
    {
      cause: error,
      hint: "what is there is kept: make room and run it again",
      details: { ...error.details, needed, free },
    },
  );
}
