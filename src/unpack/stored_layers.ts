import type { Digest } from "../spec/digest.ts";
import type { Decompressor } from "./decompressor.ts";
import type { LayerSource } from "./layer_source.ts";

/** A layer that is a file. */
export type LayerBlob = Pick<LayerSource, "digest" | "size" | "diffId">;

/**
 * Layers whose blobs are files, to be read one at a time.
 *
 * @param pathOf Where the blob of a layer is.
 */
export function storedLayers(
  layers: readonly LayerBlob[],
  pathOf: (digest: Digest) => string,
  decompressor: Decompressor,
): readonly LayerSource[] {
  return layers.map(({ digest, size, diffId }) => ({
    digest,
    size,
    diffId,
    open: () => decompressor.open(pathOf(digest), size),
  }));
}
