import type { Platform } from "../spec/platform.ts";
import { findImage, type ImageSource } from "../store/find_image.ts";
import { loadImageLayers } from "../store/image_layers.ts";
import type { Store } from "../store/store.ts";
import { Decompressor } from "../unpack/decompressor.ts";
import type { LayerSource } from "../unpack/layer_source.ts";
import { storedLayers } from "../unpack/stored_layers.ts";

/** Which layers {@linkcode openLayers} opens. */
export interface OpenLayersOptions {
  /** Where the image is. */
  readonly store: Store;
  /** Default: this machine's where it is stored, else the first that is. */
  readonly platform?: Platform | undefined;
}

/** Layers that can be looked into until they are disposed. */
export interface OpenLayers extends Disposable {
  /** The lowest first. */
  readonly layers: readonly LayerSource[];
}

/**
 * Opens the layers of an image of the store, for {@linkcode listFiles} and
 * {@linkcode readFile}.
 *
 * @param source A reference, or an image of the store.
 * @throws NotFoundError `not-in-store`, `platform-not-found`
 * @throws OperationError `not-an-image` for an artifact
 * @throws IntegrityError when documents are damaged or contradict each other
 *
 * @example
 * ```ts ignore
 * await using store = await Store.open("/var/lib/images");
 * using image = await openLayers("alpine:3.20", { store });
 * for (const { path, size } of await listFiles(image.layers, "/etc")) {
 *   console.log(path, size);
 * }
 * ```
 */
export async function openLayers(
  source: ImageSource,
  { store, platform }: OpenLayersOptions,
): Promise<OpenLayers> {
  const action = "look into";
  const image = findImage(store, source, action);
  const { layers } = await loadImageLayers(store, image, { platform, action });
  const decompressor = new Decompressor();
  return {
    layers: storedLayers(layers, store.blobPath.bind(store), decompressor),
    [Symbol.dispose]: () => decompressor[Symbol.dispose](),
  };
}
