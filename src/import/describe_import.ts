import type { Digest } from "../spec/digest.ts";
import { formatPlatform, type Platform } from "../spec/platform.ts";
import type { ImportedImage, ImportedPlatform } from "./import_options.ts";
import type { LoadedImage, LoadedManifest } from "./loaded_image.ts";

/** Of each blob, whether it came from the archive. */
export type BlobOutcomes = ReadonlyMap<Digest, boolean>;

const UNKNOWN: Platform = { os: "unknown", architecture: "unknown" };

/** What was imported, but for the time it took. */
export function describeImport(
  reference: string,
  image: LoadedImage,
  outcomes: BlobOutcomes,
): Omit<ImportedImage, "elapsedMs"> {
  const sizes = sizesOf(image);
  let bytesTotal = 0;
  let bytesImported = 0;
  for (const [digest, size] of sizes) {
    bytesTotal += size;
    if (outcomes.get(digest)) bytesImported += size;
  }
  return {
    reference,
    digest: image.root.descriptor.digest,
    platforms: image.manifests.map((manifest) =>
      describePlatform(manifest, outcomes)
    ),
    bytesTotal,
    bytesImported,
    bytesReused: bytesTotal - bytesImported,
  };
}

function sizesOf({ indexes, manifests, blobs }: LoadedImage) {
  const documents = [...indexes, ...manifests.map(({ document }) => document)];
  return new Map([
    ...[...blobs].map(({ blob }) => [blob.digest, blob.size] as const),
    ...documents.map(({ descriptor }) =>
      [descriptor.digest, descriptor.size] as const
    ),
  ]);
}

function describePlatform(
  { document, platform, config }: LoadedManifest,
  outcomes: BlobOutcomes,
): ImportedPlatform {
  const { descriptor, manifest } = document;
  return {
    platform: formatPlatform(platform ?? config?.platform ?? UNKNOWN),
    manifestDigest: descriptor.digest,
    configDigest: manifest.config.digest,
    layers: manifest.layers.map(({ digest, mediaType, size }, position) => {
      const diffId = config?.diffIds[position];
      const imported = outcomes.get(digest);
      return {
        digest,
        ...diffId === undefined ? {} : { diffId },
        mediaType,
        size,
        status: imported === undefined
          ? "absent"
          : imported
          ? "imported"
          : "reused",
      };
    }),
  };
}
