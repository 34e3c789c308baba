import { IntegrityError, NotFoundError, OperationError } from "../errors.ts";
import { assertLayersMatch, parseImageConfig } from "../spec/config.ts";
import type { Digest } from "../spec/digest.ts";
import { type ImageManifest, parseDocument } from "../spec/manifest.ts";
import { MAX_DOCUMENT_BYTES } from "../spec/max_document_bytes.ts";
import { holdsFiles } from "../spec/holds_files.ts";
import { isForeignLayerType } from "../spec/media_type.ts";
import type { BlobKey } from "./blob_files.ts";
import type { Platform } from "../spec/platform.ts";
import { mustSelectPlatform } from "./select_platform.ts";
import type { Store } from "./store.ts";
import type { StoredImage, StoredPlatform } from "./stored_image.ts";

/** A layer of an image, and what it is when unpacked. */
export interface ImageLayer {
  /** As it is in the manifest. */
  readonly digest: Digest;
  /** Compressed bytes. */
  readonly size: number;
  /** Of its uncompressed bytes, as the image's config has it. */
  readonly diffId: Digest;
}

/** An image for one platform. */
export interface ImageLayers {
  readonly manifestDigest: Digest;
  readonly platform: Platform;
  /** Lowest first; a layer may stand twice. */
  readonly layers: readonly ImageLayer[];
}

/** How {@linkcode loadImageLayers} chooses and tells. */
export interface LoadLayersOptions {
  /** Default: this machine's where it is stored, else the first that is. */
  readonly platform?: Platform | undefined;
  /** The one of the image's platforms that was chosen already. */
  readonly stored?: StoredPlatform | undefined;
  /** The verb of messages. Default: `unpack`. */
  readonly action?: string | undefined;
}

/**
 * Reads which layers make an image that is stored.
 *
 * @throws NotFoundError `platform-not-found`, or `not-in-store` for a layer that may not be
 * distributed and is not here
 * @throws OperationError `not-an-image` for an artifact
 * @throws IntegrityError `blob-missing`, or when documents are damaged or contradict each other
 */
export async function loadImageLayers(
  store: Store,
  image: StoredImage,
  { platform, stored, action = "unpack" }: LoadLayersOptions = {},
): Promise<ImageLayers> {
  const chosen = stored ?? mustSelectPlatform(image, action, platform);
  const need = (blob: BlobKey & { readonly mediaType?: string }) =>
    requireBlob(store, { ...blob, reference: image.reference, action });
  await need({ digest: chosen.manifestDigest });
  const manifest = await readManifest(store, chosen.manifestDigest, action);
  if (!holdsFiles(manifest)) {
    throw new OperationError(
      "not-an-image",
      `Cannot ${action} "${image.reference}": it is an artifact, not an image`,
    );
  }
  await need(manifest.config);
  const config = parseImageConfig(
    await store.readBlobBytes(manifest.config, {
      maxBytes: MAX_DOCUMENT_BYTES,
    }),
  );
  assertLayersMatch(manifest, config);
  const layers = manifest.layers.map(({ digest, size }, position) => {
    // Sound: there are as many of one as of the other.
    const diffId = config.diffIds[position] as Digest;
    return { digest, size, diffId };
  });
  for (const layer of manifest.layers) await need(layer);
  const { manifestDigest } = chosen;
  return { manifestDigest, platform: chosen.platform, layers };
}

/** Each layer once, where it first stands. */
export function distinctLayers(
  layers: readonly ImageLayer[],
): readonly ImageLayer[] {
  return [...new Map(layers.map((layer) => [layer.digest, layer])).values()];
}

async function readManifest(
  store: Store,
  digest: Digest,
  action: string,
): Promise<ImageManifest> {
  const bytes = await store.readBlobBytes({ digest }, {
    maxBytes: MAX_DOCUMENT_BYTES,
  });
  const descriptor = { mediaType: "", digest, size: bytes.length };
  const document = parseDocument(bytes, { descriptor });
  if (document.kind === "manifest") return document.manifest;
  throw new IntegrityError(
    "document-invalid",
    `Cannot ${action} manifest "${digest}": it is an index`,
  );
}

interface RequiredBlob extends BlobKey {
  readonly mediaType?: string;
  readonly reference: string;
  readonly action: string;
}

/** The store has all of an image that it names, but for what its registry wouldn't give. */
async function requireBlob(
  store: Store,
  { reference, digest, size, mediaType = "", action }: RequiredBlob,
): Promise<void> {
  if (await store.hasBlob({ digest, ...size !== undefined && { size } })) {
    return;
  }
  const details = { reference, digest };
  if (isForeignLayerType(mediaType)) {
    throw new NotFoundError(
      "not-in-store",
      `Cannot ${action} "${reference}": layer "${digest}" may not be distributed, and is not in the store`,
      { details },
    );
  }
  throw new IntegrityError(
    "blob-missing",
    `Cannot ${action} "${reference}": the store lacks its blob ${digest}`,
    { hint: "fetch it again with: dray verify --repair", details },
  );
}
