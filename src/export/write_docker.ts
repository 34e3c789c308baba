import type { StoredImage } from "../store/stored_image.ts";
import { describePlatforms } from "./choose_root.ts";
import { dockerEntries } from "./docker_entries.ts";
import type { ExportOptions } from "./export_options.ts";
import { loadManifest } from "./load_image.ts";
import { onePlatform } from "./select_stored.ts";
import { writeArchive, type Written } from "./write_archive.ts";
import type { ExportTarget } from "./write_output.ts";

/** Writes images, one platform of each, for `docker load`. */
export async function writeDockerArchive(
  images: readonly StoredImage[],
  target: ExportTarget,
  options: ExportOptions,
): Promise<Written> {
  const { store, platforms = [], signal } = options;
  const loaded = await Promise.all(images.map(async (image) => {
    const stored = onePlatform(image, platforms, "docker-archive");
    const manifest = await loadManifest(store, image, stored);
    return { reference: image.reference, image, manifest };
  }));
  const entries = await dockerEntries(loaded, { store, signal });
  const described = loaded.map(({ image, manifest }) => ({
    reference: image.reference,
    digest: image.digest,
    platforms: describePlatforms([manifest]),
  }));
  const content = { entries, images: described };
  return await writeArchive(content, target, options);
}
