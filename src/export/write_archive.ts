import { ByteProgress } from "../io/byte_progress.ts";
import { archiveBytes } from "./archive_bytes.ts";
import { type ExportEntry, sourceBytes } from "./export_entry.ts";
import type { ExportedImage, ExportOptions } from "./export_options.ts";
import { type ExportTarget, writeOutput } from "./write_output.ts";

/** What was written, and of which images. */
export interface Written {
  readonly images: readonly ExportedImage[];
  readonly bytes: number;
}

/** What an archive is made of. */
export interface ArchiveContent {
  readonly entries: readonly ExportEntry[];
  readonly images: readonly ExportedImage[];
}

/** Writes an archive of these entries. */
export async function writeArchive(
  { entries, images }: ArchiveContent,
  target: ExportTarget,
  options: ExportOptions,
): Promise<Written> {
  const { store, signal, sync = true } = options;
  const progress = new ByteProgress(sourceBytes(entries), options);
  const onBytes = (bytes: number): void => progress.add(bytes);
  const chunks = archiveBytes(entries, { store, signal, onBytes });
  return { images, bytes: await writeOutput(target, chunks, { sync, signal }) };
}
