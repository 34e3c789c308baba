import { IntegrityError } from "../errors.ts";
import type { Digest } from "../spec/digest.ts";
import { parseReference } from "../spec/reference.ts";
import type { ImageRecord } from "../store/image_record.ts";
import type { LoadedImage } from "./loaded_image.ts";

/**
 * A reference that has a digest must name that content.
 *
 * @throws IntegrityError `digest-mismatch`
 */
export function checkReference(reference: string, actual: Digest): void {
  const { digest } = parseReference(reference);
  if (digest === undefined || digest === actual) return;
  throw new IntegrityError(
    "digest-mismatch",
    `Cannot import "${reference}": the image has digest ${actual}`,
    { details: { expected: digest, actual } },
  );
}

/** What is recorded of an image whose blobs are in the store. */
export function recordOf(
  reference: string,
  { root, indexes, manifests }: LoadedImage,
): ImageRecord {
  return {
    reference,
    root: root.descriptor,
    documents: [
      ...indexes.map((document) => ({ document })),
      ...manifests.map(({ document, platform, config }) => ({
        document,
        ...platform === undefined ? {} : { platform },
        ...config === undefined ? {} : {
          config: { descriptor: document.manifest.config, config },
        },
      })),
    ],
  };
}
