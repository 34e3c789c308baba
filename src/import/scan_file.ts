import { guardLocal } from "../io/local_error.ts";
import { nextTurn } from "../io/next_turn.ts";
import { archiveInvalid } from "../tar/archive_invalid.ts";
import { TAR_BLOCK_BYTES } from "../tar/tar_header.ts";
import { TarReader } from "../tar/tar_reader.ts";
import { ArchiveIndex } from "./archive_index.ts";

/** Bytes of extended headers: image archives have short names. */
export const MAX_METADATA_BYTES: number = 64 << 10;
/** Entries between two turns of the event loop. */
const ENTRIES_A_TURN = 500;

/** Learns which files an archive has that can be read anywhere; content is passed over. */
export async function scanFile(
  file: Deno.FsFile,
  path: string,
  signal?: AbortSignal,
): Promise<ArchiveIndex> {
  const { size } = guardLocal("read", path, () => file.statSync());
  let position = 0;
  const place = {
    get position(): number {
      return position;
    },
    write: (): void => {},
  };
  const index = new ArchiveIndex(place);
  const options = { maxMetadataBytes: MAX_METADATA_BYTES };
  const reader = new TarReader(index, options);
  const block = new Uint8Array(TAR_BLOCK_BYTES);
  for (let entries = 1; position < size && !reader.isEnded; entries++) {
    const part = block.subarray(0, Math.min(block.length, size - position));
    readAt(file, part, position, path);
    position += part.length;
    reader.write(part);
    position += reader.skip();
    if (entries % ENTRIES_A_TURN !== 0) continue;
    await nextTurn(signal);
  }
  if (position > size) {
    throw archiveInvalid("end", "the archive is cut short");
  }
  reader.close();
  return index;
}

function readAt(
  file: Deno.FsFile,
  part: Uint8Array,
  position: number,
  path: string,
): void {
  guardLocal("read", path, () => {
    file.seekSync(position, Deno.SeekMode.Start);
    for (let filled = 0; filled < part.length;) {
      const read = file.readSync(part.subarray(filled));
      if (read === null) throw archiveInvalid("end", "the file got shorter");
      filled += read;
    }
  });
}
