import { IntegrityError } from "../errors.ts";
import type { Descriptor } from "../spec/descriptor.ts";
import type { Digest } from "../spec/digest.ts";
import { isImageConfigType } from "../spec/media_type.ts";
import type { ChosenImage } from "./choose_manifests.ts";

/** Which blobs an image needs, each once. */
export interface PullPlan {
  /** Documents and image configs, which come with requests of their own. */
  readonly documents: readonly Descriptor[];
  /** Layers, and the configs of artifacts: what the engine transfers. */
  readonly blobs: readonly Descriptor[];
  /** All of them, in bytes. */
  readonly bytesTotal: number;
}

/**
 * Works out what an image consists of.
 *
 * @throws IntegrityError size-mismatch when a digest is given two sizes.
 */
export function planPull({ indexes, manifests }: ChosenImage): PullPlan {
  const documents = new Map<Digest, Descriptor>();
  const blobs = new Map<Digest, Descriptor>();
  for (const { descriptor } of indexes) addDescriptor(documents, descriptor);
  for (const { document: { descriptor, manifest } } of manifests) {
    addDescriptor(documents, descriptor);
    const isImage = isImageConfigType(manifest.config.mediaType);
    addDescriptor(isImage ? documents : blobs, manifest.config);
    for (const layer of manifest.layers) addDescriptor(blobs, layer);
  }
  // A layer that is a document, too, comes with it.
  for (const descriptor of documents.values()) {
    if (blobs.has(descriptor.digest)) addDescriptor(blobs, descriptor);
    blobs.delete(descriptor.digest);
  }
  const plan = {
    documents: [...documents.values()],
    blobs: [...blobs.values()],
  };
  return {
    ...plan,
    bytesTotal: sumSizes(plan.documents) + sumSizes(plan.blobs),
  };
}

function addDescriptor(
  known: Map<Digest, Descriptor>,
  descriptor: Descriptor,
): void {
  const { digest, size } = descriptor;
  const before = known.get(digest);
  if (before === undefined) known.set(digest, descriptor);
  else if (before.size !== size) {
    throw new IntegrityError(
      "size-mismatch",
      `Cannot pull blob "${digest}": one descriptor says ${before.size} bytes, another ${size}`,
      { details: { digest, expected: before.size, actual: size } },
    );
  }
}

/** The bytes of several blobs together. */
export function sumSizes(descriptors: readonly Descriptor[]): number {
  return descriptors.reduce((sum, { size }) => sum + size, 0);
}
