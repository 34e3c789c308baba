import { ImageArchive } from "./image_archive.ts";
import type { ImportedImage, ImportOptions } from "./import_options.ts";
import type { ImportSource } from "./open_image_files.ts";

/**
 * Imports images into a store, from an OCI image layout (a folder or an archive) or an archive of
 * `docker save`; the archives may be compressed with gzip or zstd. Everything is hashed on its
 * way in. No name is taken from the archive unless `acceptNames` or `image` says so: an image that
 * nobody names is recorded by its digest alone, as `localhost/imported@sha256:…`.
 *
 * @param source A path, or an archive as it comes.
 * @returns one result a reference.
 * @throws UsageError `name-needed` where `acceptNames` is given and an image has no name.
 * @throws NotFoundError `not-in-archive`, `platform-not-found`
 * @throws IntegrityError `archive-invalid`, `path-unsafe`, `limit-exceeded`, `digest-mismatch`,
 * `size-mismatch`, `blob-missing`, `document-invalid`, …
 * @throws LocalError `disk-full`, `permission-denied`, `io`
 *
 * @example
 * ```ts ignore
 * await using store = await Store.open("/var/lib/images");
 * await importImage("alpine.tar", { store, tags: ["alpine:3.20"] });
 * ```
 */
export async function importImage(
  source: ImportSource,
  options: ImportOptions,
): Promise<readonly ImportedImage[]> {
  await using archive = await ImageArchive.open(source, options);
  return await archive.import(options);
}
