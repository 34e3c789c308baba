import type { ImageView } from "./image_view.ts";
import { formatPlatform } from "../../spec/platform.ts";
import { type LayerView, listLayers } from "./list_layers.ts";

/** Each layer's share of the compressed bytes of all, 0 to 1. */
export function sharesOf(
  layers: readonly Pick<LayerView, "size">[],
): readonly number[] {
  const total = layers.reduce((sum, { size }) => sum + size, 0);
  return layers.map(({ size }) => total === 0 ? 0 : size / total);
}

/** `dray inspect --layers --json`. */
export function layersJson(view: ImageView): unknown {
  const layers = listLayers(view);
  const shares = sharesOf(layers);
  return {
    reference: view.reference,
    digest: view.root.descriptor.digest,
    manifestDigest: view.manifest.descriptor.digest,
    platform: view.config && formatPlatform(view.config.platform),
    layersBytes: layers.reduce((sum, { size }) => sum + size, 0),
    layers: layers.map((layer, index) => ({
      ...layer,
      share: Math.round((shares[index] ?? 0) * 1e4) / 1e4,
    })),
  };
}
