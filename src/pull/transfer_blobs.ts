import { NotFoundError } from "../errors.ts";
import type { GrowingFile } from "../io/growing_file.ts";
import { readInlineData } from "../registry/inline_data.ts";
import type { Descriptor } from "../spec/descriptor.ts";
import type { Digest } from "../spec/digest.ts";
import { isForeignLayerType } from "../spec/media_type.ts";
import type { BlobOutcome } from "./blob_outcome.ts";
import { keep } from "./load_document.ts";
import type { PullContext } from "./pull_context.ts";
import { checkRoom } from "./room.ts";
import { isSound } from "./verify_blob.ts";
import { sumSizes } from "./plan.ts";

/** How each blob came to be in the store. */
export type BlobOutcomes = ReadonlyMap<Digest, BlobOutcome>;

/** Brings what is missing of the blobs into the store; in a dry run, tells what that would be. */
export async function transferBlobs(
  context: PullContext,
  blobs: readonly Descriptor[],
  readers: ReadonlyMap<Digest, GrowingFile> = new Map(),
): Promise<BlobOutcomes> {
  const missing = await findMissing(context, blobs);
  const outcomes = new Map(blobs.map((blob) => [blob.digest, reused(blob)]));
  const bytes = sumSizes(missing);
  const kept = context.store.keptBytes(missing);
  const bytesKept = [...kept.values()].reduce((sum, each) => sum + each, 0);
  context.emit({
    event: "plan",
    reference: context.name,
    blobs: missing.length,
    bytes,
    ...bytesKept > 0 && { bytesKept },
    bytesReused: sumSizes(blobs) - bytes,
  });
  const missingDigests = new Set(missing.map(({ digest }) => digest));
  for (const { digest, size } of blobs) {
    if (missingDigests.has(digest)) continue;
    context.emit({ event: "blob-done", digest, size, status: "reused" });
    readers.get(digest)?.complete(size);
  }
  if (context.dryRun) {
    for (const { digest } of missing) {
      const bytesReused = kept.get(digest) ?? 0;
      outcomes.set(digest, {
        status: bytesReused > 0 ? "resumed" : "downloaded",
        bytesReceived: 0,
        bytesReused,
      });
    }
    return outcomes;
  }
  await checkRoom(context, {
    digests: missingDigests,
    bytes: bytes - bytesKept,
  });
  await context.work.all(missing.map(async (blob) => {
    const file = readers.get(blob.digest);
    outcomes.set(blob.digest, await transferOne(context, blob, file));
  }));
  return outcomes;
}

function reused({ size }: Descriptor): BlobOutcome {
  return { status: "reused", bytesReceived: 0, bytesReused: size };
}

async function findMissing(
  context: PullContext,
  blobs: readonly Descriptor[],
): Promise<readonly Descriptor[]> {
  const { store, force, dryRun, work: { signal } } = context;
  const here = store.findBlobs(blobs);
  const missing: Descriptor[] = [];
  for (const blob of blobs) {
    if (!here.has(blob.digest)) missing.push(blob);
    else if (force && !(await isSound(store, blob, signal))) {
      if (!dryRun) await store.dropBlob(blob.digest);
      missing.push(blob);
    }
  }
  return missing;
}

async function transferOne(
  context: PullContext,
  blob: Descriptor,
  file: GrowingFile | undefined,
): Promise<BlobOutcome> {
  const { engine, reference, emit, maxDocumentBytes, work: { signal } } =
    context;
  const inline = readInlineData(blob, maxDocumentBytes);
  if (inline !== undefined) {
    keep(context, blob, inline);
    return reused(blob);
  }
  try {
    const outcome = await engine.transfer(reference, blob, {
      signal,
      onEvent: emit,
      file,
    });
    file?.complete(blob.size);
    return outcome;
  } catch (error) {
    const isElsewhere = error instanceof NotFoundError &&
      isForeignLayerType(blob.mediaType);
    if (!isElsewhere) throw error;
    const message =
      `${context.name}: layer ${blob.digest} may not be distributed; it is left out`;
    emit({ event: "warning", message });
    return { status: "reused", bytesReceived: 0, bytesReused: 0 };
  }
}
