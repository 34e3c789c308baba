import { IntegrityError } from "../errors.ts";
import { createHasher } from "../io/hash.ts";
import type { Descriptor } from "../spec/descriptor.ts";
import { type Digest, digestAlgorithm } from "../spec/digest.ts";
import {
  type Compression,
  findCompression,
  MAGIC_BYTES,
} from "../unpack/compression.ts";
import { decompress } from "../unpack/decompress.ts";
import { LimitGuard } from "../unpack/unpack_limits.ts";
import { blobContent, type BlobReading } from "./blob_content.ts";

/** A layer, and what it is uncompressed. */
export interface InflatedLayer {
  readonly blob: Pick<Descriptor, "digest" | "size">;
  readonly diffId: Digest;
}

/**
 * A layer's uncompressed bytes, hashed on their way on both sides.
 *
 * @throws IntegrityError `digest-mismatch`, `compression-invalid`, `limit-exceeded`
 */
export async function* inflatedContent(
  { blob, diffId }: InflatedLayer,
  reading: BlobReading,
): AsyncGenerator<Uint8Array> {
  const hasher = createHasher(digestAlgorithm(diffId));
  const count = new LimitGuard().startLayer(blob.size);
  for await (const chunk of decompress(blobContent(blob, reading))) {
    hasher.update(chunk);
    count(chunk.length);
    yield chunk;
  }
  const actual = hasher.digest();
  if (actual === diffId) return;
  throw new IntegrityError(
    "digest-mismatch",
    `Cannot export layer "${blob.digest}": its content has diffID "${actual}", not "${diffId}"`,
    { details: { expected: diffId, actual } },
  );
}

/** How many uncompressed bytes a layer has, which a tar header must tell before them. */
export async function measureInflated(
  layer: InflatedLayer,
  reading: BlobReading,
): Promise<number> {
  let bytes = 0;
  for await (const chunk of inflatedContent(layer, reading)) {
    bytes += chunk.length;
  }
  return bytes;
}

/** How a layer is compressed, whatever its media type says. */
export async function compressionOf(
  blob: Pick<Descriptor, "digest" | "size">,
  { store }: BlobReading,
): Promise<Compression> {
  const stream = await store.readBlob(blob.digest);
  const head = new Uint8Array(MAGIC_BYTES);
  let filled = 0;
  for await (const chunk of stream) {
    const part = chunk.subarray(0, MAGIC_BYTES - filled);
    head.set(part, filled);
    filled += part.length;
    if (filled === MAGIC_BYTES) break;
  }
  return findCompression(head.subarray(0, filled));
}
