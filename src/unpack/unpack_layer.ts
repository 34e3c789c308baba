import type { Digest } from "../spec/digest.ts";
import { LayerWriter } from "./layer_writer.ts";
import { type LayerBytes, readLayer } from "./read_layer.ts";
import type { LimitGuard } from "./unpack_limits.ts";
import type { UnpackTarget } from "./unpack_target.ts";

/** A layer to unpack. */
export interface LayerContent extends LayerBytes {
  /** The digest of the uncompressed bytes, as the image's config has it. */
  readonly diffId: Digest;
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
  content: LayerContent,
  target: UnpackTarget,
  options: UnpackLayerOptions,
): Promise<number> {
  using writer = new LayerWriter(target, options.guard);
  return await readLayer(content, writer, options) ?? 0;
}
