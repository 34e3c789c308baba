import { parseImageConfig } from "../../spec/config.ts";
import type { Descriptor } from "../../spec/descriptor.ts";
import {
  type Document,
  type ImageIndex,
  parseDocument,
} from "../../spec/manifest.ts";
import { isImageConfigType } from "../../spec/media_type.ts";
import { hostPlatform, type Platform } from "../../spec/platform.ts";
import { selectManifest } from "../../spec/select_manifest.ts";
import type { Store } from "../../store/store.ts";
import type { StoredImage } from "../../store/stored_image.ts";
import { chooseManifest } from "./choose_manifest.ts";
import type { ImageView, ManifestDocument } from "./image_view.ts";

/** As the registry client's: a larger one can't have come in. */
const MAX_DOCUMENT_BYTES = 4 * 1024 * 1024;

/**
 * An image of the store.
 *
 * @param platform Default: this machine's where it is stored, else the first.
 * @throws NotFoundError platform-not-found, of the platforms that are stored.
 */
export async function viewStoredImage(
  store: Store,
  image: StoredImage,
  platform?: Platform,
): Promise<ImageView> {
  const root = await readDocument(store, image);
  const manifest = root.kind === "manifest" && platform === undefined
    ? root
    : await readChosen(store, image, root, platform);
  const { config } = manifest.manifest;
  const configBytes = await store.readBlobBytes(config, {
    maxBytes: MAX_DOCUMENT_BYTES,
  });
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
  const document = await readDocument(store, chosen ?? image);
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

async function readDocument(
  store: Store,
  { digest }: Pick<Descriptor, "digest">,
): Promise<Document> {
  const bytes = await store.readBlobBytes({ digest }, {
    maxBytes: MAX_DOCUMENT_BYTES,
  });
  const descriptor = { mediaType: "", digest, size: bytes.length };
  return parseDocument(bytes, { descriptor });
}
