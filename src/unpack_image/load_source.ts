import { formatPlatform } from "../spec/platform.ts";
import { findImage } from "../store/find_image.ts";
import { type ImageLayer, loadImageLayers } from "../store/image_layers.ts";
import type {
  UnpackOptions,
  UnpackResult,
  UnpackSource,
} from "./unpack_options.ts";

/** What is to be unpacked. */
export interface LoadedSource {
  /** Lowest first. */
  readonly layers: readonly ImageLayer[];
  /** What a result tells of it. */
  readonly subject: Pick<
    UnpackResult,
    "reference" | "digest" | "manifestDigest" | "platform"
  >;
}

/**
 * Finds the layers of an image of the store, for the platform that is wanted.
 *
 * @throws NotFoundError `not-in-store`, `platform-not-found`
 */
export async function loadSource(
  source: UnpackSource,
  { store, platform }: Pick<UnpackOptions, "store" | "platform">,
): Promise<LoadedSource> {
  const image = findImage(store, source, "unpack");
  const content = await loadImageLayers(store, image, { platform });
  return {
    layers: content.layers,
    subject: {
      reference: image.reference,
      digest: image.digest,
      manifestDigest: content.manifestDigest,
      platform: formatPlatform(content.platform),
    },
  };
}
