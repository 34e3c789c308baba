import { LocalError } from "../errors.ts";
import type { EventListener } from "../events.ts";
import { ByteProgress } from "../io/byte_progress.ts";
import type { Descriptor } from "../spec/descriptor.ts";
import type { Digest } from "../spec/digest.ts";
import { quoteText } from "../spec/escape_text.ts";
import type { Store } from "../store/store.ts";
import type { BlobOutcomes } from "./describe_import.ts";
import type { ImageFiles } from "./image_files.ts";
import { ingestBlob } from "./ingest_blob.ts";
import type { LoadedImage } from "./loaded_image.ts";

/** Options of {@linkcode bringBlobs}. */
export interface BringBlobsOptions {
  readonly store: Store;
  readonly files: ImageFiles;
  readonly onEvent?: EventListener | undefined;
  readonly now?: (() => number) | undefined;
  readonly signal?: AbortSignal | undefined;
}

/** Brings all that images need into the store, one blob after the other. */
export async function bringBlobs(
  images: readonly LoadedImage[],
  options: BringBlobsOptions,
): Promise<BlobOutcomes> {
  const { store } = options;
  const sources = new Map(
    images.flatMap(({ blobs }) =>
      [...blobs].map((source) => [source.blob.digest, source])
    ),
  );
  const blobs = [...sources.values()].map(({ blob }) => blob);
  await checkRoom(blobs, options);
  const bytes = blobs.reduce((sum, { size }) => sum + size, 0);
  const progress = new ByteProgress(bytes, options);
  const onBytes = (more: number): void => progress.add(more);
  const outcomes = new Map<Digest, boolean>();
  for (const source of sources.values()) {
    const imported = await ingestBlob(source, { ...options, onBytes });
    outcomes.set(source.blob.digest, imported);
  }
  for (const image of images) {
    for (const { descriptor, bytes } of documentsOf(image)) {
      const isHere = await store.hasBlob(descriptor);
      if (!isHere) await store.putBlob(descriptor, bytes);
      const { digest } = descriptor;
      outcomes.set(digest, !isHere || outcomes.get(digest) === true);
    }
  }
  return outcomes;
}

function documentsOf({ indexes, manifests }: LoadedImage) {
  return [...indexes, ...manifests.map(({ document }) => document)];
}

/** Sees, before the first byte, that there is room for all that is missing. */
async function checkRoom(
  blobs: readonly Pick<Descriptor, "digest" | "size">[],
  { store, files }: BringBlobsOptions,
): Promise<void> {
  const free = await store.space.freeBytes();
  let needed = 0;
  for (const blob of blobs) {
    if (!await store.hasBlob(blob)) needed += blob.size;
  }
  if (free === undefined) return;
  const reserved = store.space.reservedBytes(
    new Set(blobs.map(({ digest }) => digest)),
  );
  if (needed <= free + reserved) return;
  throw new LocalError(
    "disk-full",
    `Cannot import ${
      quoteText(files.name)
    }: ${needed} bytes are to be written and ${free} are free`,
    {
      hint:
        "dray prune deletes what no image needs, with --partials-older-than 0 interrupted downloads, too",
      details: { needed, free },
    },
  );
}
