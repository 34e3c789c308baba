import { NotFoundError } from "../errors.ts";
import type { Descriptor } from "../spec/descriptor.ts";
import {
  type Document,
  type ManifestDocument,
  parseDocument,
} from "../spec/manifest.ts";
import { isForeignLayerType } from "../spec/media_type.ts";
import {
  formatPlatform,
  normalizePlatform,
  type Platform,
} from "../spec/platform.ts";
import { selectManifest } from "../spec/select_manifest.ts";
import { quoteText } from "../spec/escape_text.ts";
import {
  findBlob,
  type ImageFile,
  type ImageFiles,
  missingBlob,
  readBlob,
} from "./image_files.ts";
import { LayoutDescent } from "./layout_descent.ts";
import {
  BlobSources,
  type LoadedImage,
  type LoadedManifest,
} from "./loaded_image.ts";
import { readConfig } from "./read_config.ts";

/**
 * Follows an image of a layout to its blobs. An index may list what isn't there, as the index of
 * an image that was pulled for one platform does; what is there must be whole.
 *
 * @throws NotFoundError `platform-not-found`
 * @throws IntegrityError `blob-missing`, `size-mismatch`, `digest-mismatch`, `document-invalid`
 */
export async function loadOciImage(
  files: ImageFiles,
  root: Descriptor,
  platforms: readonly Platform[],
): Promise<LoadedImage> {
  const descent = new LayoutDescent((child) => findDocument(files, child));
  const found = await descent.follow(root);
  if (found === undefined || found.manifests.length === 0) {
    throw missingBlob(files, root.digest, "the manifest");
  }
  const blobs = new BlobSources();
  const all: LoadedManifest[] = [];
  for (const { document, platform } of found.manifests) {
    const config = await loadConfig(files, document);
    all.push({ document, config, platform: platform ?? config?.platform });
  }
  const manifests = choosePlatforms(files, all, platforms);
  for (const { document } of manifests) {
    addBlobs(files, document, blobs);
  }
  const { root: document, indexes } = found;
  return { root: document, indexes, manifests, blobs };
}

async function findDocument(
  files: ImageFiles,
  descriptor: Descriptor,
): Promise<Document | undefined> {
  const file = findBlob(files, descriptor);
  if (file === undefined) return undefined;
  const bytes = await readBlob(files, file, descriptor.digest);
  return parseDocument(bytes, { descriptor });
}

async function loadConfig(files: ImageFiles, { manifest }: ManifestDocument) {
  const file = mustFind(files, manifest.config, "the config");
  return await readConfig(files, manifest, file);
}

function addBlobs(
  files: ImageFiles,
  { manifest }: ManifestDocument,
  blobs: BlobSources,
): void {
  blobs.add(manifest.config, mustFind(files, manifest.config, "the config"));
  for (const layer of manifest.layers) {
    const file = findBlob(files, layer);
    if (file !== undefined) blobs.add(layer, file);
    // What may not be distributed is not always to be had.
    else if (!isForeignLayerType(layer.mediaType)) {
      throw missingBlob(files, layer.digest, "layer");
    }
  }
}

function mustFind(
  files: ImageFiles,
  descriptor: Descriptor,
  what: string,
): ImageFile {
  const file = findBlob(files, descriptor);
  if (file !== undefined) return file;
  throw missingBlob(files, descriptor.digest, what);
}

/** Those that were named, or all, in their order. */
export function choosePlatforms(
  files: ImageFiles,
  all: readonly LoadedManifest[],
  wanted: readonly Platform[],
): readonly LoadedManifest[] {
  if (wanted.length === 0) return all;
  const manifests = all.map(({ document, platform }) => {
    const { digest, mediaType, size } = document.descriptor;
    const known = platform && { platform: normalizePlatform(platform) };
    return { digest, mediaType, size, ...known };
  });
  const index = { schemaVersion: 2, mediaType: "", manifests } as const;
  const chosen = new Set(wanted.map((platform) => {
    const found = selectManifest(index, platform);
    if (found !== undefined) return found.digest;
    throw platformNotFound(files, platform, all);
  }));
  return all.filter(({ document }) => chosen.has(document.descriptor.digest));
}

function platformNotFound(
  { name }: ImageFiles,
  platform: Platform,
  all: readonly LoadedManifest[],
): NotFoundError {
  const wanted = formatPlatform(platform);
  const existing = all.map((manifest) =>
    manifest.platform === undefined
      ? "unknown"
      : formatPlatform(manifest.platform)
  ).join(", ");
  return new NotFoundError(
    "platform-not-found",
    `Cannot import ${
      quoteText(name)
    } for ${wanted}: the image is in it for ${existing}`,
    { hint: "choose with --platform", details: { wanted, existing } },
  );
}
