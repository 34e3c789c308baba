import { NotFoundError } from "../errors.ts";
import { OCI_MANIFEST } from "../spec/media_type.ts";
import {
  formatPlatform,
  hostPlatform,
  type Platform,
} from "../spec/platform.ts";
import { selectManifest } from "../spec/select_manifest.ts";
import type { StoredImage, StoredPlatform } from "./stored_image.ts";

/** The stored platform of an image that fits a wanted one best, as a pull would choose. */
function selectStoredPlatform(
  image: StoredImage,
  wanted: Platform,
): StoredPlatform | undefined {
  const manifests = image.platforms.map((stored) => ({
    mediaType: OCI_MANIFEST,
    digest: stored.manifestDigest,
    size: 0,
    platform: stored.platform,
  }));
  const index = { schemaVersion: 2, mediaType: "", manifests } as const;
  const found = selectManifest(index, wanted);
  return image.platforms.find(({ manifestDigest }) =>
    manifestDigest === found?.digest
  );
}

/**
 * The one platform of an image to work on.
 *
 * @param action The verb of the message.
 * @param wanted Default: this machine's where it is stored, else the first that is.
 * @throws NotFoundError `platform-not-found`
 */
export function mustSelectPlatform(
  image: StoredImage,
  action: string,
  wanted?: Platform,
): StoredPlatform {
  const chosen = selectStoredPlatform(image, wanted ?? hostPlatform()) ??
    (wanted === undefined ? image.platforms[0] : undefined);
  if (chosen !== undefined) return chosen;
  const platform = formatPlatform(wanted ?? hostPlatform());
  const available = image.platforms
    .map((stored) => formatPlatform(stored.platform)).join(", ");
  throw new NotFoundError(
    "platform-not-found",
    `Cannot ${action} "${image.reference}" for platform "${platform}": the store has ${
      available || "none"
    }`,
    { hint: `dray pull --platform ${platform} ${image.reference}` },
  );
}
