import type { ImageManifest } from "./manifest.ts";
import { isImageConfigType, isLayerType } from "./media_type.ts";

/**
 * Whether a manifest is of a file system. An artifact is not, nor is an attestation, which has an
 * image's config, but layers of another kind.
 */
export function holdsFiles(
  { config, layers }: Pick<ImageManifest, "config" | "layers">,
): boolean {
  return isImageConfigType(config.mediaType) &&
    (layers.length === 0 ||
      layers.some(({ mediaType }) => isLayerType(mediaType)));
}
