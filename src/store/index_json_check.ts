import { guardLocal } from "../io/local_error.ts";
import { openRegularFile } from "../io/open_regular_file.ts";

/**
 * Whether an index.json is there and is an index. It is replaced whole, so its two ends tell
 * enough of one that dray wrote; only another form is parsed.
 *
 * @throws LocalError `permission-denied` or `io` when it can't be read.
 */
export function isIndexJson(path: string): boolean {
  using file = openRegularFile(path);
  if (file === undefined) return false;
  return guardLocal("read", path, () => {
    const { size } = file.statSync();
    const start = readAt(file, 0, START.length);
    const end = readAt(file, Math.max(0, size - END.length), END.length);
    if (start === START && end === END) return true;
    return size <= MAX_INDEX_JSON_BYTES && hasManifests(readAt(file, 0, size));
  });
}

/** That of a million images; what is longer is somebody's mistake, or meant to use up memory. */
export const MAX_INDEX_JSON_BYTES = 256 * 1024 * 1024;

const START = '{"schemaVersion":2,';
const END = "]}";

function readAt(file: Deno.FsFile, offset: number, length: number): string {
  file.seekSync(offset, Deno.SeekMode.Start);
  const bytes = new Uint8Array(length);
  let filled = 0;
  while (filled < length) {
    const read = file.readSync(bytes.subarray(filled));
    if (read === null) break;
    filled += read;
  }
  return new TextDecoder().decode(bytes.subarray(0, filled));
}

function hasManifests(text: string): boolean {
  try {
    return Array.isArray(JSON.parse(text)?.manifests);
  } catch {
    return false;
  }
}
