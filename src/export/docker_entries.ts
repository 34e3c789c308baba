import { NotFoundError, OperationError } from "../errors.ts";
import { type Digest, digestHex } from "../spec/digest.ts";
import { holdsFiles } from "../spec/holds_files.ts";
import { parseReference } from "../spec/reference.ts";
import type { BlobReading } from "./blob_content.ts";
import type { ExportEntry } from "./export_entry.ts";
import {
  compressionOf,
  type InflatedLayer,
  measureInflated,
} from "./inflated_content.ts";
import type { LoadedManifest } from "./load_image.ts";

/** An image on its way into a docker archive, which has no room for a second platform. */
export interface DockerImage {
  readonly reference: string;
  readonly manifest: LoadedManifest;
}

/** An item of manifest.json, as `docker save` writes it. */
interface DockerItem {
  readonly Config: string;
  readonly RepoTags: string[];
  readonly Layers: readonly string[];
}

/**
 * The files of a docker archive: manifest.json first, then configs and layers, each once. Layers
 * are named by their diffIDs and stay compressed where it is gzip, which all readers know;
 * another compression is taken off.
 *
 * @throws OperationError `not-an-image` for an artifact.
 * @throws NotFoundError `not-in-store` for a layer that may not be distributed.
 */
export async function dockerEntries(
  images: readonly DockerImage[],
  reading: BlobReading,
): Promise<readonly ExportEntry[]> {
  const files = new Map<string, ExportEntry>();
  const items = new Map<Digest, DockerItem>();
  for (const image of images) {
    const { config } = image.manifest.document.manifest;
    const path = `${digestHex(config.digest)}.json`;
    files.set(path, { kind: "blob", path, blob: config });
    const layers = await addLayers(image, files, reading);
    const item = items.get(config.digest) ??
      { Config: path, RepoTags: [], Layers: layers };
    item.RepoTags.push(...tagsOf(image.reference));
    items.set(config.digest, item);
  }
  const bytes = new TextEncoder().encode(JSON.stringify([...items.values()]));
  return [{ kind: "bytes", path: "manifest.json", bytes }, ...files.values()];
}

async function addLayers(
  image: DockerImage,
  files: Map<string, ExportEntry>,
  reading: BlobReading,
): Promise<readonly string[]> {
  const paths: string[] = [];
  for (const layer of await layersOf(image, reading)) {
    const path = `${digestHex(layer.diffId)}.tar`;
    if (!files.has(path)) {
      files.set(path, await layerEntry(path, layer, reading));
    }
    paths.push(path);
  }
  return paths;
}

async function layersOf(
  { reference, manifest: { document: { manifest }, config } }: DockerImage,
  { store }: BlobReading,
): Promise<readonly InflatedLayer[]> {
  if (config === undefined || !holdsFiles(manifest)) {
    throw new OperationError(
      "not-an-image",
      `Cannot export "${reference}" as a docker archive: it is an artifact, not an image`,
      { hint: "use --format oci-archive or oci-dir" },
    );
  }
  return await Promise.all(manifest.layers.map(async (blob, position) => {
    if (!await store.hasBlob(blob)) throw notHere(reference, blob.digest);
    // Sound: config and manifest have as many of one as of the other.
    const diffId = config.diffIds[position] as Digest;
    return { blob, diffId };
  }));
}

async function layerEntry(
  path: string,
  layer: InflatedLayer,
  reading: BlobReading,
): Promise<ExportEntry> {
  const { blob } = layer;
  const compression = await compressionOf(blob, reading);
  if (compression !== "zstd") return { kind: "blob", path, blob };
  const size = await measureInflated(layer, reading);
  return { kind: "inflated", path, ...layer, size };
}

/** docker knows an image by repository and tag only. */
function tagsOf(reference: string): readonly string[] {
  const { registry, repository, tag } = parseReference(reference);
  return tag === undefined ? [] : [`${registry}/${repository}:${tag}`];
}

function notHere(reference: string, digest: Digest): NotFoundError {
  return new NotFoundError(
    "not-in-store",
    `Cannot export "${reference}" as a docker archive: layer "${digest}" may not be distributed, and is not in the store`,
    { hint: "use --format oci-archive or oci-dir" },
  );
}
