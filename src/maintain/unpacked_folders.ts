import { openLock } from "../io/file_lock.ts";
import { guardLocal } from "../io/local_error.ts";
import { findEntry, removeIfThere } from "../io/open_regular_file.ts";
import { type Digest, findDigest } from "../spec/digest.ts";
import {
  layerLockPath,
  lockPath,
  REMOVED_LAYER_MARK,
  removedLayerName,
} from "../store/layout.ts";
import { removeTree } from "../unpack/remove_tree.ts";

/** A folder in the store's `layers/`. */
export interface UnpackedFolder {
  readonly path: string;
  /** The layer it was made of; undefined for what a crash left. */
  readonly digest: Digest | undefined;
  /** What it takes of the disk; a file with several names counts once. */
  readonly bytes: number;
}

/** Names of folders that are on their way out or in: nobody uses them. */
const UNPACKING = ".dray-unpack-";
const BLOCK_BYTES = 512;

/** The unpacked layers of a store. A link in the folder's place is not followed. */
export function listUnpacked(storeDir: string): readonly UnpackedFolder[] {
  const dir = `${storeDir}/layers`;
  return guardLocal("list", dir, () => {
    if (findEntry(dir)?.isDirectory !== true) return [];
    return [...Deno.readDirSync(dir)].flatMap(({ name, isDirectory }) => {
      const path = `${dir}/${name}`;
      const digest = findDigest(
        name.replace("-", ":").replace(/\.overlay$/, ""),
      );
      const isOurs = digest !== undefined ||
        name.includes(REMOVED_LAYER_MARK) ||
        name.includes(UNPACKING);
      if (!isDirectory || !isOurs) return [];
      return [{ path, digest, bytes: treeBytes(path, new Set()) }];
    });
  });
}

/**
 * Removes folders, each by moving it away first, so that one that is there is always whole.
 *
 * @param findUnneeded Asked once nobody unpacks any more.
 */
export async function removeUnpacked(
  storeDir: string,
  findUnneeded: () => readonly UnpackedFolder[],
  signal?: AbortSignal,
): Promise<void> {
  await using _lock = await openLock(lockPath(storeDir, "layers"), {
    signal,
  });
  for (const { path } of findUnneeded()) {
    signal?.throwIfAborted();
    guardLocal("remove", path, () => {
      const name = path.slice(path.lastIndexOf("/") + 1);
      if (name.startsWith(REMOVED_LAYER_MARK)) return removeTree(path);
      const away = `${storeDir}/layers/${removedLayerName(name)}`;
      removeTree(away);
      Deno.renameSync(path, away);
      removeTree(away);
      // What belongs to it. Nobody waits for the lock: they would hold the one for all.
      removeIfThere(`${path}.metadata.jsonl`);
      removeIfThere(layerLockPath(storeDir, name));
    });
  }
}

function treeBytes(path: string, seen: Set<string>): number {
  const info = findEntry(path);
  if (info === undefined) return 0;
  if (info.nlink !== null && info.nlink > 1 && !info.isDirectory) {
    const key = `${info.dev}:${info.ino}`;
    if (seen.has(key)) return 0;
    seen.add(key);
  }
  let bytes = info.blocks === null ? info.size : info.blocks * BLOCK_BYTES;
  if (!info.isDirectory) return bytes;
  for (const name of readableNames(path)) {
    bytes += treeBytes(`${path}/${name}`, seen);
  }
  return bytes;
}

/** A layer may have folders that their owner may not enter: what is in them isn't counted. */
function readableNames(dir: string): readonly string[] {
  try {
    return Array.from(Deno.readDirSync(dir), ({ name }) => name);
  } catch (error) {
    if (error instanceof Deno.errors.PermissionDenied) return [];
    throw error;
  }
}
