import { tarHeader, tarPadding } from "../tar/tar_header.ts";
import { TAR_END_BYTES } from "../tar/write_tar.ts";
import { blobContent, type BlobReading } from "./blob_content.ts";
import type { ExportEntry } from "./export_entry.ts";
import { inflatedContent } from "./inflated_content.ts";

/** An archive of these entries: times, owners and modes are fixed, so it is the same each time. */
export async function* archiveBytes(
  entries: readonly ExportEntry[],
  reading: BlobReading,
): AsyncGenerator<Uint8Array> {
  for (const entry of entries) {
    yield header(entry);
    if (entry.kind === "folder") continue;
    yield* entryContent(entry, reading);
    yield new Uint8Array(tarPadding(sizeOf(entry)));
  }
  yield new Uint8Array(TAR_END_BYTES);
}

/** The bytes of an entry that has some. A chunk is valid until the next one. */
export async function* entryContent(
  entry: Exclude<ExportEntry, { readonly kind: "folder" }>,
  reading: BlobReading,
): AsyncGenerator<Uint8Array> {
  switch (entry.kind) {
    case "bytes":
      yield entry.bytes;
      return;
    case "blob":
      return yield* blobContent(entry.blob, reading);
    case "inflated":
      return yield* inflatedContent(entry, reading);
  }
}

function header(entry: ExportEntry): Uint8Array {
  const { path } = entry;
  return entry.kind === "folder"
    ? tarHeader({ path, type: "directory" })
    : tarHeader({ path, size: sizeOf(entry) });
}

function sizeOf(
  entry: Exclude<ExportEntry, { readonly kind: "folder" }>,
): number {
  switch (entry.kind) {
    case "bytes":
      return entry.bytes.length;
    case "blob":
      return entry.blob.size;
    case "inflated":
      return entry.size;
  }
}
