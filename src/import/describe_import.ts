import { describePlatform } from "../spec/describe_platform.ts";
import type { Digest } from "../spec/digest.ts";
import type { ImportedImage, ImportedLayer } from "./import_options.ts";
import type { LoadedImage } from "./loaded_image.ts";

/** Of each blob, whether it came from the archive. */
export type BlobOutcomes = ReadonlyMap<Digest, boolean>;

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
      describePlatform(manifest, (layer) => ({
        status: statusOf(layer, outcomes),
      }))
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

function statusOf(
  digest: Digest,
  outcomes: BlobOutcomes,
): ImportedLayer["status"] {
  const imported = outcomes.get(digest);
  if (imported === undefined) return "absent";
  return imported ? "imported" : "reused";
}
