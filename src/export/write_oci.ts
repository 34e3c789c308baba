import { UsageError } from "../errors.ts";
import { ByteProgress } from "../io/byte_progress.ts";
import type { StoredImage } from "../store/stored_image.ts";
import { chooseRoot, describePlatforms } from "./choose_root.ts";
import { sourceBytes } from "./export_entry.ts";
import type { ExportedImage, ExportOptions } from "./export_options.ts";
import { writeLayoutFolder } from "./layout_folder.ts";
import { loadManifest } from "./load_image.ts";
import {
  blobEntries,
  namedRoot,
  ociEntries,
  type OciImage,
} from "./oci_entries.ts";
import { somePlatforms } from "./select_stored.ts";
import { writeArchive, type Written } from "./write_archive.ts";
import type { ExportTarget } from "./write_output.ts";

/** Writes an archive of an OCI image layout. */
export async function writeOciArchive(
  images: readonly StoredImage[],
  target: ExportTarget,
  options: ExportOptions,
): Promise<Written> {
  const loaded = await loadOciImages(images, options);
  const entries = await ociEntries(options.store, loaded);
  const content = { entries, images: loaded.map(describe) };
  return await writeArchive(content, target, options);
}

/** Writes an OCI image layout into a folder. */
export async function writeOciFolder(
  images: readonly StoredImage[],
  target: ExportTarget,
  options: ExportOptions,
): Promise<Written> {
  if (typeof target !== "string") {
    throw new UsageError("usage", "Cannot export a folder to a stream", {
      hint: "use --format oci-archive, or name a folder",
    });
  }
  const { sync = true, ...rest } = options;
  const loaded = await loadOciImages(images, options);
  const entries = await blobEntries(options.store, loaded);
  const progress = new ByteProgress(sourceBytes(entries), options);
  const content = { entries, roots: loaded.map(namedRoot) };
  const onBytes = (bytes: number): void => progress.add(bytes);
  const reading = { store: rest.store, signal: rest.signal, onBytes, sync };
  const bytes = await writeLayoutFolder(target, content, reading);
  return { images: loaded.map(describe), bytes };
}

interface LoadedImage extends OciImage {
  readonly image: StoredImage;
}

function loadOciImages(
  images: readonly StoredImage[],
  { store, platforms, keepIndex = false }: ExportOptions,
): Promise<readonly LoadedImage[]> {
  return Promise.all(images.map(async (image) => {
    const manifests = await Promise.all(
      somePlatforms(image, platforms).map((stored) =>
        loadManifest(store, image, stored)
      ),
    );
    const root = await chooseRoot(store, image, manifests, { keepIndex });
    return { reference: image.reference, image, root, manifests };
  }));
}

function describe({ image, root, manifests }: LoadedImage): ExportedImage {
  return {
    reference: image.reference,
    digest: image.digest,
    exportedDigest: root.descriptor.digest,
    mediaType: root.descriptor.mediaType,
    platforms: describePlatforms(manifests),
  };
}
