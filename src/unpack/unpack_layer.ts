import { IntegrityError } from "../errors.ts";
import { createHasher } from "../io/hash.ts";
import { type Digest, digestAlgorithm } from "../spec/digest.ts";
import { TarReader } from "../tar/tar_reader.ts";
import { LayerWriter } from "./layer_writer.ts";
import type { LimitGuard } from "./unpack_limits.ts";
import type { UnpackTarget } from "./unpack_target.ts";

/** A layer to unpack. */
export interface LayerContent {
  /** The digest of the uncompressed bytes, as the image's config has it. */
  readonly diffId: Digest;
  /** Compressed bytes in all, for the limit of the ratio. */
  readonly size: number;
  /** Uncompressed. */
  readonly chunks: AsyncIterable<Uint8Array>;
}

/** How {@linkcode unpackLayer} goes about it. */
export interface UnpackLayerOptions {
  readonly guard: LimitGuard;
  readonly signal?: AbortSignal | undefined;
}

/**
 * Unpacks a layer into a tree. What is there afterwards counts only if this returns: the digest
 * can't be checked before the last byte.
 *
 * @returns the number of uncompressed bytes.
 * @throws IntegrityError `digest-mismatch`, `archive-invalid`, `path-unsafe`, `limit-exceeded`
 * @throws LocalError when the disk is full or something can't be made.
 */
export async function unpackLayer(
  { diffId, size, chunks }: LayerContent,
  target: UnpackTarget,
  { guard, signal }: UnpackLayerOptions,
): Promise<number> {
  using writer = new LayerWriter(target, guard);
  const reader = new TarReader(writer);
  const hasher = createHasher(digestAlgorithm(diffId));
  const count = guard.startLayer(size);
  let bytes = 0;
  for await (const chunk of chunks) {
    signal?.throwIfAborted();
    bytes += chunk.length;
    count(chunk.length);
    hasher.update(chunk);
    reader.write(chunk);
  }
  reader.close();
  const actual = hasher.digest();
  if (actual === diffId) return bytes;
  throw new IntegrityError(
    "digest-mismatch",
    `Cannot unpack layer: its content has diffID "${actual}", not "${diffId}"`,
    { details: { expected: diffId, actual } },
  );
}
