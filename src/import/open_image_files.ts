import { IntegrityError } from "../errors.ts";
import { guardLocal, localCall } from "../io/local_error.ts";
import { openUnnamedFile } from "../io/unnamed_file.ts";
import { quoteText } from "../spec/escape_text.ts";
import { findCompression, MAGIC_BYTES } from "../unpack/compression.ts";
import type { ArchiveIndex } from "./archive_index.ts";
import { fileChunks, type FileChunksOptions } from "./file_chunks.ts";
import { folderFiles } from "./folder_files.ts";
import type { ImageFiles } from "./image_files.ts";
import { inflateArchive, inOurWords } from "./inflate_archive.ts";
import { readStream } from "./read_stream.ts";
import { scanFile } from "./scan_file.ts";
import { scanStream, type SpoolLimits } from "./scan_stream.ts";

/** Where images are imported from: a path, or an archive as it comes. */
export type ImportSource = string | ReadableStream<Uint8Array>;

/** Options of {@linkcode openImageFiles}. */
export interface ImageFilesOptions extends SpoolLimits {
  /** Where an archive that comes once is kept meanwhile. */
  readonly spoolDir: string;
  readonly signal?: AbortSignal | undefined;
}

/**
 * Opens an archive or a folder of images. An archive in a file is read where it is; one that
 * comes once, or is compressed, is kept in a nameless file for as long as this is open.
 *
 * @throws IntegrityError `archive-invalid`, `path-unsafe`, `limit-exceeded`, `compression-…`
 * @throws LocalError
 */
export async function openImageFiles(
  source: ImportSource,
  options: ImageFilesOptions,
): Promise<ImageFiles> {
  if (typeof source !== "string") {
    const chunks = readStream(source, "stdin", options.signal);
    return await spoolFiles(chunks, "stdin", options);
  }
  const info = guardLocal("read", source, () => Deno.statSync(source));
  if (info.isDirectory) return folderFiles(source, options.signal);
  const file = await localCall("read", source, () => Deno.open(source));
  if (!info.isFile) {
    const chunks = readStream(file.readable, source, options.signal);
    return await spoolFiles(chunks, source, options);
  }
  try {
    if (isCompressed(file, source)) {
      using _closed = file;
      const range = { offset: 0, size: info.size };
      const { signal } = options;
      const chunks = fileChunks(file, range, { path: source, signal });
      return await spoolFiles(chunks, source, options);
    }
    const index = await scan(
      source,
      () => scanFile(file, source, options.signal),
    );
    return archiveFiles(file, { path: source, signal: options.signal }, index);
  } catch (error) {
    closeQuietly(file);
    throw error;
  }
}

async function spoolFiles(
  chunks: AsyncIterable<Uint8Array>,
  name: string,
  options: ImageFilesOptions,
): Promise<ImageFiles> {
  const file = openUnnamedFile(options.spoolDir);
  try {
    const spool = { file, path: options.spoolDir };
    const index = await scan(name, () =>
      scanStream(
        inflateArchive(chunks, name),
        spool,
        options,
        options.signal,
      ));
    return archiveFiles(file, { path: name, signal: options.signal }, index);
  } catch (error) {
    file.close();
    throw error;
  }
}

function archiveFiles(
  file: Deno.FsFile,
  reading: FileChunksOptions,
  index: ArchiveIndex,
): ImageFiles {
  return {
    name: reading.path,
    find: (path) => {
      const range = index.find(path);
      return range &&
        { size: range.size, chunks: () => fileChunks(file, range, reading) };
    },
    [Symbol.asyncDispose]: () => {
      file.close();
      return Promise.resolve();
    },
  };
}

/** What is no archive at all gets a message that says so. */
async function scan(
  name: string,
  run: () => Promise<ArchiveIndex>,
): Promise<ArchiveIndex> {
  try {
    return await run();
  } catch (error) {
    if (!(error instanceof IntegrityError)) throw error;
    if (error.code !== "archive-invalid") throw error;
    const what = error.message.replace(/^Cannot read archive entry /, "entry ");
    throw new IntegrityError(
      error.code,
      `Cannot import ${quoteText(name)}: it is no sound tar archive: ${what}`,
      { cause: error },
    );
  }
}

function isCompressed(file: Deno.FsFile, path: string): boolean {
  const head = new Uint8Array(MAGIC_BYTES);
  const read = guardLocal("read", path, () => file.readSync(head)) ?? 0;
  try {
    return findCompression(head.subarray(0, read)) !== "none";
  } catch (error) {
    throw inOurWords(error, path);
  }
}

function closeQuietly(file: Deno.FsFile): void {
  try {
    file.close();
  } catch {
    // It is closed already.
  }
}
