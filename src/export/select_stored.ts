import { UsageError } from "../errors.ts";
import type { Platform } from "../spec/platform.ts";
import { mustSelectPlatform } from "../store/select_platform.ts";
import type { StoredImage, StoredPlatform } from "../store/stored_image.ts";

/** Those that were named, or all, in the order of the image. */
export function somePlatforms(
  image: StoredImage,
  platforms: readonly Platform[] = [],
): readonly StoredPlatform[] {
  if (platforms.length === 0) return image.platforms;
  const chosen = new Set(
    platforms.map((platform) => mustSelectPlatform(image, "export", platform)),
  );
  return image.platforms.filter((stored) => chosen.has(stored));
}

/** The one platform of a form that has room for no more. */
export function onePlatform(
  image: StoredImage,
  [platform, ...others]: readonly Platform[],
  format: string,
): StoredPlatform {
  if (others.length === 0) return mustSelectPlatform(image, "export", platform);
  throw new UsageError(
    "usage",
    `Cannot export several platforms as ${format}: it has room for one`,
    { hint: "use --format oci-archive or oci-dir" },
  );
}

/** Each once, in the order of the references, whatever order they were named in. */
export function sortImages(
  images: readonly StoredImage[],
): readonly StoredImage[] {
  const byName = new Map(images.map((image) => [image.reference, image]));
  return [...byName.values()].toSorted((a, b) =>
    a.reference < b.reference ? -1 : 1
  );
}
