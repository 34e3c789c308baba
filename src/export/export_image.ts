import { UsageError } from "../errors.ts";
import { ByteProgress } from "../io/byte_progress.ts";
import type { ExportFormat } from "../spec/export_format.ts";
import { formatPlatform, type Platform } from "../spec/platform.ts";
import { findImage, type ImageSource } from "../store/find_image.ts";
import { mustSelectPlatform } from "../store/select_platform.ts";
import type { StoredImage, StoredPlatform } from "../store/stored_image.ts";
import { archiveBytes } from "./archive_bytes.ts";
import { chooseRoot, describePlatforms } from "./choose_root.ts";
import { dockerEntries } from "./docker_entries.ts";
import { type ExportEntry, sourceBytes } from "./export_entry.ts";
import type {
  ExportedImage,
  ExportOptions,
  ExportResult,
} from "./export_options.ts";
import { writeLayoutFolder } from "./layout_folder.ts";
import { loadManifest } from "./load_image.ts";
import {
  blobEntries,
  namedRoot,
  ociEntries,
  type OciImage,
} from "./oci_entries.ts";
import { rootfsChunks } from "./rootfs_chunks.ts";
import { type ExportTarget, writeOutput } from "./write_output.ts";

/** What was written, and of which images. */
interface Written {
  readonly images: readonly ExportedImage[];
  readonly bytes: number;
}

/**
 * Exports images of the store for other tools: as an OCI image layout, in a folder or an archive,
 * as an archive for `docker load`, or as an archive of the merged root filesystem. Every blob is hashed on its way, and the same images give
 * the same bytes. What is at a path is there whole or not at all.
 *
 * Documents are exported as they are, whatever their media types. An index that lists more than
 * is exported is left out, see `keepIndex`: a single manifest then stands for itself.
 *
 * @param sources References, or images of the store.
 * @param target A path; for an archive a stream, too. A file that is there is replaced, images
 * are added to a layout that is there.
 * @throws NotFoundError `not-in-store`, `platform-not-found`
 * @throws IntegrityError `digest-mismatch`, `blob-missing` where the store is damaged
 * @throws LocalError `disk-full`, `permission-denied`, `folder-not-empty`, `io`
 * @throws OperationError `not-an-image` for an artifact in a docker archive
 * @throws UsageError where the form has no room for what is asked
 *
 * @example
 * ```ts ignore
 * await using store = await Store.open("/var/lib/images");
 * await exportImage(["alpine:3.20"], "alpine.tar", { store });
 * ```
 */
export async function exportImage(
  sources: readonly ImageSource[],
  target: ExportTarget,
  options: ExportOptions,
): Promise<ExportResult> {
  const { store, format = "oci-archive", now = () => performance.now() } =
    options;
  const startMs = now();
  options.signal?.throwIfAborted();
  const images = sortImages(
    sources.map((source) => findImage(store, source, "export")),
  );
  const written = await write(images, target, { ...options, format });
  return {
    format,
    ...typeof target === "string" ? { path: target } : {},
    ...written,
    elapsedMs: Math.round(now() - startMs),
  };
}

async function write(
  images: readonly StoredImage[],
  target: ExportTarget,
  options: ExportOptions & { readonly format: ExportFormat },
): Promise<Written> {
  switch (options.format) {
    case "oci-archive": {
      const loaded = await loadOciImages(images, options);
      const entries = await ociEntries(options.store, loaded);
      return await writeArchive(entries, loaded.map(describe), target, options);
    }
    case "oci-dir":
      return await writeFolder(images, target, options);
    case "docker-archive":
      return await writeDockerArchive(images, target, options);
    case "rootfs-tar":
      return await writeRootfs(images, target, options);
  }
}

/** All layers merged: no manifest, no config, and so just one image. */
async function writeRootfs(
  [image, ...others]: readonly StoredImage[],
  target: ExportTarget,
  options: ExportOptions,
): Promise<Written> {
  if (image === undefined) return { images: [], bytes: 0 };
  if (others.length > 0) {
    throw new UsageError(
      "usage",
      "Cannot export several images as rootfs-tar: it has room for one",
      { hint: "use --format oci-archive or docker-archive" },
    );
  }
  const { platforms = [], signal, sync = true } = options;
  const stored = onePlatform(image, platforms, "rootfs-tar");
  const chunks = rootfsChunks(image, { ...options, stored });
  const { reference, digest } = image;
  const shown = [formatPlatform(stored.platform)];
  return {
    images: [{ reference, digest, platforms: shown }],
    bytes: await writeOutput(target, chunks, { sync, signal }),
  };
}

async function writeFolder(
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

async function writeDockerArchive(
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
  return await writeArchive(entries, described, target, options);
}

async function writeArchive(
  entries: readonly ExportEntry[],
  images: readonly ExportedImage[],
  target: ExportTarget,
  options: ExportOptions,
): Promise<Written> {
  const { store, signal, sync = true } = options;
  const progress = new ByteProgress(sourceBytes(entries), options);
  const onBytes = (bytes: number): void => progress.add(bytes);
  const chunks = archiveBytes(entries, { store, signal, onBytes });
  return { images, bytes: await writeOutput(target, chunks, { sync, signal }) };
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
    platforms: describePlatforms(manifests),
  };
}

/** Those that were named, or all, in the order of the image. */
function somePlatforms(
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
function sortImages(images: readonly StoredImage[]): readonly StoredImage[] {
  const byName = new Map(images.map((image) => [image.reference, image]));
  return [...byName.values()].toSorted((a, b) =>
    a.reference < b.reference ? -1 : 1
  );
}
