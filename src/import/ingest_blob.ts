import { IntegrityError } from "../errors.ts";
import type { Store } from "../store/store.ts";
import { type ImageFiles, wrongDigest } from "./image_files.ts";
import type { BlobSource } from "./loaded_image.ts";

/** Options of {@linkcode ingestBlob}. */
export interface IngestBlobOptions {
  readonly store: Store;
  /** Whose blob it is. */
  readonly files: ImageFiles;
  readonly signal?: AbortSignal | undefined;
  /** Told of bytes that are through. */
  readonly onBytes: (bytes: number) => void;
}

/**
 * Brings a blob into the store, unless it is there.
 *
 * @returns whether it came from the archive.
 * @throws IntegrityError `digest-mismatch`, `size-mismatch`
 */
export async function ingestBlob(
  source: BlobSource,
  options: IngestBlobOptions,
): Promise<boolean> {
  const { store, onBytes } = options;
  const { digest, size } = source.blob;
  let bytes = 0;
  try {
    const imported = await writeBlob(source, {
      ...options,
      onBytes: (more) => {
        bytes += more;
        onBytes(more);
      },
    });
    // What another brought meanwhile counts as well.
    onBytes(size - bytes);
    return imported;
  } catch (error) {
    // Nothing that a later run could go on with is to stay.
    store.upkeep.removePartial(digest);
    throw error;
  }
}

async function writeBlob(
  { blob, file }: BlobSource,
  { store, files, signal, onBytes }: IngestBlobOptions,
): Promise<boolean> {
  if (await store.hasBlob(blob)) return false;
  await using ingest = await store.openIngest(blob, { signal });
  if (ingest === undefined) return false;
  // What an earlier run left is not worth reading back: the bytes are at hand.
  if (ingest.kept > 0) await ingest.reset();
  let offset = 0;
  for await (const chunk of file.chunks()) {
    signal?.throwIfAborted();
    await ingest.writeAt(offset, chunk);
    offset += chunk.length;
    onBytes(chunk.length);
  }
  try {
    await ingest.commit();
  } catch (error) {
    if (!(error instanceof IntegrityError)) throw error;
    const { actual = "unknown" } = error.details;
    throw wrongDigest(files, blob.digest, String(actual));
  }
  return true;
}
