import type { Digest } from "../../spec/digest.ts";
import type { ImageView } from "./image_view.ts";

/** A layer with what the config tells about it. */
export interface LayerView {
  readonly digest: Digest;
  readonly diffId?: Digest;
  readonly mediaType: string;
  readonly size: number;
  /** The command that made it; outside text. */
  readonly createdBy?: string;
}

/** The layers of an image, lowest first. */
export function listLayers(view: ImageView): readonly LayerView[] {
  const { config, manifest } = view;
  // Entries of the history that made no layer are marked as such (OCI config.md).
  const made = config?.history.filter((step) => step.emptyLayer !== true);
  // Of a history that tells of more or fewer layers, nobody knows which is whose.
  const isWhole = made?.length === manifest.manifest.layers.length;
  const steps = isWhole ? made : undefined;
  return manifest.manifest.layers.map((layer, index) => {
    const diffId = config?.diffIds[index];
    const createdBy = steps?.[index]?.createdBy;
    return {
      digest: layer.digest,
      mediaType: layer.mediaType,
      size: layer.size,
      ...(diffId === undefined ? {} : { diffId }),
      ...(createdBy === undefined ? {} : { createdBy }),
    };
  });
}

/** Bytes of manifest, config and distinct layers. */
export function imageBytes(view: ImageView): number {
  const { descriptor, manifest } = view.manifest;
  const sizes = new Map<Digest, number>([
    [descriptor.digest, view.manifest.bytes.length],
    [manifest.config.digest, manifest.config.size],
  ]);
  for (const layer of manifest.layers) sizes.set(layer.digest, layer.size);
  return [...sizes.values()].reduce((sum, size) => sum + size, 0);
}
