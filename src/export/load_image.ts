import { IntegrityError } from "../errors.ts";
import {
  assertLayersMatch,
  type ImageConfig,
  parseImageConfig,
} from "../spec/config.ts";
import type { Descriptor } from "../spec/descriptor.ts";
import {
  type Document,
  type ManifestDocument,
  parseDocument,
} from "../spec/manifest.ts";
import { MAX_DOCUMENT_BYTES } from "../spec/max_document_bytes.ts";
import { isForeignLayerType, isImageConfigType } from "../spec/media_type.ts";
import type { Platform } from "../spec/platform.ts";
import type { Store } from "../store/store.ts";
import type { StoredImage, StoredPlatform } from "../store/stored_image.ts";

/** One platform of an image, read from the store. */
export interface LoadedManifest {
  readonly document: ManifestDocument;
  /** As the reference's index or the config says. */
  readonly platform: Platform;
  /** Undefined for an artifact. */
  readonly config?: ImageConfig;
}

/** Reads a platform's manifest and config, and sees that all blobs are there. */
export async function loadManifest(
  store: Store,
  image: StoredImage,
  { manifestDigest, platform }: StoredPlatform,
): Promise<LoadedManifest> {
  const document = await loadDocument(store, image, { digest: manifestDigest });
  if (document.kind === "index") {
    throw new IntegrityError(
      "document-invalid",
      `Cannot export "${image.reference}": manifest "${manifestDigest}" is an index`,
    );
  }
  const { config, layers } = document.manifest;
  for (const blob of [config, ...layers]) await requireBlob(store, image, blob);
  if (!isImageConfigType(config.mediaType)) return { document, platform };
  const bytes = await store.readBlobBytes(config, {
    maxBytes: MAX_DOCUMENT_BYTES,
  });
  const parsed = parseImageConfig(bytes);
  assertLayersMatch(document.manifest, parsed);
  return { document, platform, config: parsed };
}

/** Reads a manifest or index of an image. */
export async function loadDocument(
  store: Store,
  image: StoredImage,
  known: Pick<Descriptor, "digest"> & Partial<Descriptor>,
): Promise<Document> {
  await requireBlob(store, image, known);
  const bytes = await store.readBlobBytes(known, {
    maxBytes: MAX_DOCUMENT_BYTES,
  });
  const descriptor = { mediaType: "", size: bytes.length, ...known };
  return parseDocument(bytes, { descriptor });
}

async function requireBlob(
  store: Store,
  { reference }: StoredImage,
  blob: Pick<Descriptor, "digest"> & Partial<Descriptor>,
): Promise<void> {
  if (await store.hasBlob(blob)) return;
  // What may not be distributed need not be here.
  if (isForeignLayerType(blob.mediaType ?? "")) return;
  const { digest } = blob;
  throw new IntegrityError(
    "blob-missing",
    `Cannot export "${reference}": blob "${digest}" is not in the store as it should be`,
    {
      hint: "fetch it again with: dray verify --repair",
      details: { reference, digest },
    },
  );
}
