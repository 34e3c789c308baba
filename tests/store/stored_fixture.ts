import assert from "node:assert/strict";
import { type ImageConfig, parseImageConfig } from "../../src/spec/config.ts";
import { type Descriptor, parseDescriptor } from "../../src/spec/descriptor.ts";
import { parseDigest } from "../../src/spec/digest.ts";
import { parseDocument } from "../../src/spec/manifest.ts";
import type {
  ImageRecord,
  RecordedDocument,
} from "../../src/store/image_record.ts";
import type { Store } from "../../src/store/store.ts";
import type { TestBlob, TestImage } from "../testing/image_builder.ts";
import { digestOf } from "../testing/test_bytes.ts";

/** A key for bytes, as an ingest takes it. */
export function keyOf(
  bytes: Uint8Array,
  algorithm: "sha256" | "sha512" = "sha256",
): Pick<Descriptor, "digest" | "size"> {
  return {
    digest: parseDigest(digestOf(bytes, algorithm)),
    size: bytes.length,
  };
}

/** A test blob's descriptor, checked. */
export function descriptorOf({ descriptor }: TestBlob): Descriptor {
  return parseDescriptor(descriptor, "test");
}

/** Which images of an index count as stored. Default: all. */
export interface RecordOptions {
  readonly images?: readonly TestImage[];
  readonly pulledAtMs?: number;
}

/** The record of an image, as a pull would make it. */
export function recordOf(
  reference: string,
  image: TestImage,
  { images = image.images, pulledAtMs }: RecordOptions = {},
): ImageRecord {
  const documents = images.map(recordedManifest);
  const isIndex = !image.images.includes(image);
  return {
    reference,
    root: descriptorOf(image.root),
    documents: isIndex
      ? [{ document: documentOf(image.root) }, ...documents]
      : documents,
    ...pulledAtMs === undefined ? {} : { pulledAtMs },
  };
}

/** Stores an image's blobs, and records it. */
export async function storeImage(
  store: Store,
  reference: string,
  image: TestImage,
  options: RecordOptions = {},
): Promise<void> {
  const { images = image.images } = options;
  for (const each of [image, ...images]) {
    await putBlobs(store, [each.root, ...images.flatMap(blobsOf)]);
  }
  await store.recordImage(recordOf(reference, image, options));
}

/** Puts blobs into the store. */
export async function putBlobs(
  store: Store,
  blobs: readonly TestBlob[],
): Promise<void> {
  for (const blob of blobs) {
    await store.putBlob(descriptorOf(blob), blob.bytes);
  }
}

function blobsOf({ config, layers }: TestImage): readonly TestBlob[] {
  return [config, ...layers];
}

function documentOf({ bytes, descriptor }: TestBlob) {
  return parseDocument(bytes, {
    descriptor: parseDescriptor(descriptor, "test"),
  });
}

function recordedManifest(image: TestImage): RecordedDocument {
  const document = documentOf(image.root);
  assert.ok(document.kind === "manifest");
  const config = findConfig(image.config.bytes);
  const descriptor = descriptorOf(image.config);
  return config === undefined
    ? { document }
    : { document, config: { descriptor, config } };
}

function findConfig(bytes: Uint8Array): ImageConfig | undefined {
  try {
    return parseImageConfig(bytes);
  } catch {
    return undefined;
  }
}
