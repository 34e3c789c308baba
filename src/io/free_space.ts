import { writeAllSync } from "./atomic_file.ts";
import { loadNodeModule } from "./node_module.ts";

/** The most that {@linkcode hasRoomFor} tries: 2 ms of writing to memory. */
const MAX_TRIED_BYTES = 4 << 20;
const TRIED_AT_ONCE = 128 << 10;

/**
 * Whether a few bytes can certainly be written below a folder: they are, to a file without a name,
 * of which nothing is left. Asking the file system takes ten times as long the first time. False
 * says nothing.
 *
 * @param path A file that is not there.
 */
export function hasRoomFor(path: string, bytes: number): boolean {
  if (bytes > MAX_TRIED_BYTES) return false;
  try {
    using file = Deno.openSync(path, { write: true, createNew: true });
    Deno.removeSync(path);
    const zeros = new Uint8Array(Math.min(bytes, TRIED_AT_ONCE));
    for (let left = bytes; left > 0; left -= zeros.length) {
      writeAllSync(file, zeros.subarray(0, left));
    }
    return true;
  } catch {
    return false;
  }
}

/**
 * How many bytes this user may still write below a folder; undefined where that cannot be
 * learnt, such as without `--allow-sys=statfs`.
 */
export function findFreeBytes(dir: string): Promise<number | undefined> {
  try {
    // Not of `node:fs/promises`, which would take another 4 ms to load.
    const { bavail, bsize } = loadNodeModule("node:fs").statfsSync(dir);
    return Promise.resolve(bavail * bsize);
  } catch {
    // A convenience: whoever asks goes on without it and meets a full disk as an error later.
    return Promise.resolve(undefined);
  }
}
