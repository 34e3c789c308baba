import {
  assertLayersMatch,
  type ImageConfig,
  parseImageConfig,
} from "../spec/config.ts";
import type { ImageManifest } from "../spec/manifest.ts";
import { isImageConfigType } from "../spec/media_type.ts";
import { type ImageFile, type ImageFiles, readBlob } from "./image_files.ts";

/**
 * An image's config, checked against its manifest; undefined for an artifact, whose config is a
 * blob like any other.
 */
export async function readConfig(
  files: ImageFiles,
  manifest: ImageManifest,
  file: ImageFile,
): Promise<ImageConfig | undefined> {
  const { mediaType, digest } = manifest.config;
  if (!isImageConfigType(mediaType)) return undefined;
  const config = parseImageConfig(await readBlob(files, file, digest));
  assertLayersMatch(manifest, config);
  return config;
}
