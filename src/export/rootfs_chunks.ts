import type { EventListener } from "../events.ts";
import { loadImageLayers } from "../store/image_layers.ts";
import type { Store } from "../store/store.ts";
import type { StoredImage, StoredPlatform } from "../store/stored_image.ts";
import { Decompressor } from "../unpack/decompressor.ts";
import { flattenLayers } from "../unpack/flatten_layers.ts";
import { storedLayers } from "../unpack/stored_layers.ts";
import type { UnpackLimits } from "../unpack/unpack_limits.ts";

/** What is exported, and how. */
export interface RootfsOptions {
  readonly store: Store;
  readonly stored: StoredPlatform;
  readonly limits?: Partial<UnpackLimits> | undefined;
  /** Told of `copy-progress`, after each layer. */
  readonly onEvent?: EventListener | undefined;
  readonly signal?: AbortSignal | undefined;
}

/** The root filesystem of an image as a tar archive. A chunk is valid until the next one. */
export async function* rootfsChunks(
  image: StoredImage,
  { store, stored, limits, onEvent, signal }: RootfsOptions,
): AsyncGenerator<Uint8Array> {
  const { layers } = await loadImageLayers(store, image, {
    stored,
    action: "export",
  });
  // Once for their headers, once for the files.
  const bytesTotal = 2 * layers.reduce((sum, { size }) => sum + size, 0);
  let bytes = 0;
  using decompressor = new Decompressor();
  const pathOf = store.blobPath.bind(store);
  yield* flattenLayers(storedLayers(layers, pathOf, decompressor), {
    limits,
    signal,
    onLayer: ({ size }) => {
      bytes += size;
      onEvent?.({ event: "copy-progress", bytes, bytesTotal });
    },
  });
}
