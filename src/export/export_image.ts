import { LocalError } from "../errors.ts";
import type { ExportFormat } from "../spec/export_format.ts";
import { findImage, type ImageSource } from "../store/find_image.ts";
import type { StoredImage } from "../store/stored_image.ts";
import type { ExportOptions, ExportResult } from "./export_options.ts";
import { sortImages } from "./select_stored.ts";
import type { Written } from "./write_archive.ts";
import { writeDockerArchive } from "./write_docker.ts";
import { writeOciArchive, writeOciFolder } from "./write_oci.ts";
import type { ExportTarget } from "./write_output.ts";
import { writeRootfs } from "./write_rootfs.ts";

/**
 * Exports images of the store for other tools: as an OCI image layout, in a folder or an archive,
 * as an archive for `docker load`, or as an archive of the merged root filesystem. Every blob is
 * hashed on its way, and the same images give the same bytes. What is at a path is there whole or
 * not at all.
 *
 * Documents are exported as they are, whatever their media types. An index that lists more than
 * is exported is left out, see `keepIndex`: a single manifest then stands for itself.
 *
 * @param sources A reference or an image of the store, or several.
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
 * await exportImage("alpine:3.20", "alpine.tar", { store });
 * ```
 */
export async function exportImage(
  sources: ImageSource | readonly ImageSource[],
  target: ExportTarget,
  options: ExportOptions,
): Promise<ExportResult> {
  const { store, format = "oci-archive", now = () => performance.now() } =
    options;
  const startMs = now();
  options.signal?.throwIfAborted();
  const images = sortImages(
    [sources].flat().map((source) => findImage(store, source, "export")),
  );
  const written = await write(images, target, { ...options, format })
    .catch(explain);
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
    case "oci-archive":
      return await writeOciArchive(images, target, options);
    case "oci-dir":
      return await writeOciFolder(images, target, options);
    case "docker-archive":
      return await writeDockerArchive(images, target, options);
    case "rootfs-tar":
      return await writeRootfs(images, target, options);
  }
}

/** What other commands keep of a full disk's work is not kept here. */
function explain(error: unknown): never {
  if (!(error instanceof LocalError) || error.code !== "disk-full") throw error;
  throw new LocalError(error.code, error.message, {
    cause: error,
    hint: "free some space, or export to another disk",
    details: error.details,
  });
}
