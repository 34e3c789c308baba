import { IntegrityError, NotFoundError } from "../../errors.ts";
import { parseImageConfig } from "../../spec/config.ts";
import type { Descriptor } from "../../spec/descriptor.ts";
import {
  type Document,
  type ImageIndex,
  type ManifestDocument,
  parseDocument,
} from "../../spec/manifest.ts";
import { MAX_DOCUMENT_BYTES } from "../../spec/max_document_bytes.ts";
import { isImageConfigType } from "../../spec/media_type.ts";
import { hostPlatform, type Platform } from "../../spec/platform.ts";
import { selectManifest } from "../../spec/select_manifest.ts";
import type { Store } from "../../store/store.ts";
import type { StoredImage } from "../../store/stored_image.ts";
import { chooseManifest } from "./choose_manifest.ts";
import type { ImageView } from "./image_view.ts";

/**
 * An image of the store.
 *
 * @param platform Default: this machine's where it is stored, else the first.
 * @throws NotFoundError platform-not-found, of the platforms that are stored.
 * @throws IntegrityError where a blob of it is missing or damaged.
 */
export async function viewStoredImage(
  store: Store,
  image: StoredImage,
  platform?: Platform,
): Promise<ImageView> {
  const root = await readDocument(store, image, image);
  const manifest = root.kind === "manifest" && platform === undefined
    ? root
    : await readChosen(store, image, root, platform);
  const { config } = manifest.manifest;
  const configBytes = await readPart(store, image, config);
  return {
    reference: image.reference,
    root,
    platforms: image.platforms.map((stored) => stored.platform),
    manifest,
    configBytes,
    pulledAt: image.pulledAt,
    ...(isImageConfigType(config.mediaType)
      ? { config: parseImageConfig(configBytes) }
      : {}),
  };
}

async function readChosen(
  store: Store,
  image: StoredImage,
  root: Document,
  platform: Platform | undefined,
): Promise<ManifestDocument> {
  const stored = storedIndex(image);
  const chosen = platform === undefined
    ? selectManifest(stored, hostPlatform()) ?? stored.manifests[0]
    : chooseManifest(stored, platform, image.reference);
  if (root.kind === "manifest") return root;
  const document = await readDocument(store, image, chosen ?? image);
  if (document.kind === "manifest") return document;
  throw new TypeError(
    `Image "${image.reference}" has no manifest in the store`,
  );
}

/** The platforms that are stored, as an index that names no others. */
function storedIndex(image: StoredImage): ImageIndex {
  const mediaType = "application/vnd.oci.image.manifest.v1+json";
  const manifests = image.platforms.map((stored): Descriptor => ({
    mediaType,
    digest: stored.manifestDigest,
    size: 0,
    platform: stored.platform,
  }));
  return { schemaVersion: 2, mediaType: "", manifests };
}

/** What a stored image names must be there: that it is not is damage. */
async function readPart(
  store: Store,
  image: StoredImage,
  blob: Pick<Descriptor, "digest">,
): Promise<Uint8Array> {
  try {
    return await store.readBlobBytes(blob, { maxBytes: MAX_DOCUMENT_BYTES });
  } catch (cause) {
    if (!(cause instanceof NotFoundError)) throw cause;
    throw new IntegrityError(
      "content-missing",
      `Cannot inspect "${image.reference}": the store lacks its blob ${blob.digest}`,
      { cause, hint: "fetch it again with: dray verify --repair" },
    );
  }
}

async function readDocument(
  store: Store,
  image: StoredImage,
  { digest }: Pick<Descriptor, "digest">,
): Promise<Document> {
  const bytes = await readPart(store, image, { digest });
  const descriptor = { mediaType: "", digest, size: bytes.length };
  return parseDocument(bytes, { descriptor });
}
