import type { ArchiveEntry } from "../../src/tar/archive_entry.ts";
import { concatBytes } from "../../src/tar/concat_bytes.ts";
import { TarReader, type TarReaderOptions } from "../../src/tar/tar_reader.ts";

/** An entry with its content, holes filled with zeros. */
export interface ReadEntry extends ArchiveEntry {
  readonly content: Uint8Array<ArrayBuffer>;
}

/** Reads a whole archive, in chunks as long as told (the last length counts for the rest). */
export function readTar(
  archive: Uint8Array,
  options: TarReaderOptions & { readonly chunks?: readonly number[] } = {},
): readonly ReadEntry[] {
  const found: ReadEntry[] = [];
  let current: ArchiveEntry | undefined;
  let pieces: Uint8Array[] = [];
  let filled = 0;
  const reader = new TarReader({
    entry(entry) {
      if (current !== undefined) throw new Error("an entry within an entry");
      current = entry;
      pieces = [];
      filled = 0;
    },
    data(bytes, offset) {
      if (offset < filled) throw new Error("content goes backwards");
      pieces.push(new Uint8Array(offset - filled), bytes.slice());
      filled = offset + bytes.length;
    },
    end() {
      if (current === undefined) throw new Error("an end without an entry");
      if (current.type === "file") {
        pieces.push(new Uint8Array(current.size - filled));
      }
      found.push({ ...current, content: concatBytes(pieces) });
      current = undefined;
    },
  }, options);
  const { chunks = [archive.length] } = options;
  for (let at = 0, index = 0; at < archive.length; index++) {
    const length = Math.max(1, chunks[Math.min(index, chunks.length - 1)] ?? 1);
    // A copy that is spoilt at once: the reader must not rely on it later.
    const chunk = archive.slice(at, at + length);
    reader.write(chunk);
    chunk.fill(0xaa);
    at += length;
  }
  reader.close();
  return found;
}
