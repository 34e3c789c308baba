import { digestBytes } from "../io/hash.ts";
import { IntegrityError } from "../errors.ts";
import { type ImageConfig, parseImageConfig } from "../spec/config.ts";
import type { Descriptor } from "../spec/descriptor.ts";
import type { Digest } from "../spec/digest.ts";
import { quoteText } from "../spec/escape_text.ts";
import { type ManifestDocument, parseDocument } from "../spec/manifest.ts";
import { OCI_CONFIG, OCI_MANIFEST } from "../spec/media_type.ts";
import type { Platform } from "../spec/platform.ts";
import { describeLayer } from "./describe_layer.ts";
import type { DockerItem } from "./docker_candidates.ts";
import type { ImageFile, ImageFiles } from "./image_files.ts";
import { choosePlatforms } from "./load_oci_image.ts";
import { BlobSources, type LoadedImage } from "./loaded_image.ts";

/**
 * Makes a manifest for an image of a docker archive, which has none: always the same one, of the
 * layers as they stand in the archive, each of which has the diffID that the config says.
 *
 * @throws IntegrityError `blob-missing`, `digest-mismatch`, `document-invalid`
 */
export async function loadDockerImage(
  files: ImageFiles,
  { config: bytes, layers: paths }: DockerItem,
  platforms: readonly Platform[],
): Promise<LoadedImage> {
  const config = parseImageConfig(bytes);
  assertCount(paths, config);
  const digest = await digestBytes("sha256", bytes);
  const descriptor = { mediaType: OCI_CONFIG, digest, size: bytes.length };
  const blobs = new BlobSources();
  blobs.add(descriptor, fileOf(bytes));
  const layers: Pick<Descriptor, "mediaType" | "digest" | "size">[] = [];
  const known = new Map<string, typeof layers[number]>();
  for (const [position, path] of paths.entries()) {
    const file = mustFind(files, path);
    // Sound: there are as many of one as of the other.
    const diffId = config.diffIds[position] as Digest;
    const key = `${diffId} ${path}`;
    const layer = known.get(key) ?? await describeLayer(file, path, diffId);
    known.set(key, layer);
    blobs.add(layer, file);
    layers.push(layer);
  }
  const document = await makeManifest(descriptor, layers);
  const manifest = { document, config, platform: config.platform };
  return {
    root: document,
    indexes: [],
    manifests: choosePlatforms(files, [manifest], platforms),
    blobs,
  };
}

function assertCount(paths: readonly string[], { diffIds }: ImageConfig): void {
  if (paths.length === diffIds.length) return;
  throw new IntegrityError(
    "document-invalid",
    `Cannot read manifest.json: it has ${paths.length} layers where the image's config has ${diffIds.length} diff_ids`,
    { details: { expected: diffIds.length, actual: paths.length } },
  );
}

function mustFind(files: ImageFiles, path: string): ImageFile {
  const file = files.find(path);
  if (file !== undefined) return file;
  throw new IntegrityError(
    "blob-missing",
    `Cannot import ${quoteText(files.name)}: layer ${
      quoteText(path)
    } is not in it`,
  );
}

function fileOf(bytes: Uint8Array): ImageFile {
  return {
    size: bytes.length,
    async *chunks() {
      yield await Promise.resolve(bytes);
    },
  };
}

async function makeManifest(
  config: Descriptor,
  layers: readonly Pick<Descriptor, "mediaType" | "digest" | "size">[],
): Promise<ManifestDocument> {
  const text = JSON.stringify({
    schemaVersion: 2,
    mediaType: OCI_MANIFEST,
    config,
    layers: layers.map(({ mediaType, digest, size }) => ({
      mediaType,
      digest,
      size,
    })),
  });
  const bytes = new TextEncoder().encode(text);
  const digest = await digestBytes("sha256", bytes);
  const descriptor = { mediaType: OCI_MANIFEST, digest, size: bytes.length };
  const document = parseDocument(bytes, { descriptor });
  // Sound: it was made as one.
  return document as ManifestDocument;
}
