import { IntegrityError } from "../errors.ts";
import { writeAllSync } from "../io/atomic_file.ts";
import { guardLocal } from "../io/local_error.ts";
import { TarReader } from "../tar/tar_reader.ts";
import { ArchiveIndex, type ContentPlace } from "./archive_index.ts";
import { MAX_METADATA_BYTES } from "./scan_file.ts";

/** How much of an archive is taken that comes once. */
export interface SpoolLimits {
  /** Bytes of all files. */
  readonly maxBytes: number;
}

/** What may follow the end of an archive: padding to whole records. */
const MAX_TRAILING_BYTES = 16 << 20;

/**
 * Learns which files an archive has that comes once, and keeps their bytes in a file meanwhile:
 * what names them may be the last to come.
 */
export async function scanStream(
  chunks: AsyncIterable<Uint8Array>,
  spool: { readonly file: Deno.FsFile; readonly path: string },
  { maxBytes }: SpoolLimits,
  signal?: AbortSignal,
): Promise<ArchiveIndex> {
  const place = new Spool(spool.file, spool.path, maxBytes);
  const index = new ArchiveIndex(place);
  const options = { maxMetadataBytes: MAX_METADATA_BYTES };
  const reader = new TarReader(index, options);
  let trailing = 0;
  for await (const chunk of chunks) {
    signal?.throwIfAborted();
    reader.write(chunk);
    if (!reader.isEnded) continue;
    trailing += chunk.length;
    if (trailing > MAX_TRAILING_BYTES) break;
  }
  reader.close();
  return index;
}

class Spool implements ContentPlace {
  position = 0;
  readonly #file: Deno.FsFile;
  readonly #path: string;
  readonly #maxBytes: number;

  constructor(file: Deno.FsFile, path: string, maxBytes: number) {
    this.#file = file;
    this.#path = path;
    this.#maxBytes = maxBytes;
  }

  write(bytes: Uint8Array): void {
    this.position += bytes.length;
    if (this.position > this.#maxBytes) {
      throw new IntegrityError(
        "limit-exceeded",
        `Cannot import: the archive has more than ${this.#maxBytes} bytes`,
        { details: { limit: this.#maxBytes } },
      );
    }
    guardLocal("write", this.#path, () => writeAllSync(this.#file, bytes));
  }
}
