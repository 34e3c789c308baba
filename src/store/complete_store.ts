import { parentOf, syncDir } from "../io/atomic_file.ts";
import { openLock } from "../io/file_lock.ts";
import type { Database } from "./database.ts";
import type { WriteIndexJsonOptions } from "./index_json.ts";
import {
  hasOciLayout,
  lockPath,
  type StorePaths,
  writeOciLayout,
} from "./layout.ts";
import { migrate, readVersion } from "./migrate.ts";

/**
 * Makes a new store, or an older one's format, complete: one process at a time, since SQLite's
 * busy timeout does not cover two that turn on its log at once.
 */
export async function completeStore(
  database: Database,
  paths: StorePaths,
  { sync, now, signal }: WriteIndexJsonOptions,
): Promise<void> {
  await using _lock = await openLock(lockPath(paths.dir, "migrate"), {
    signal,
  });
  const upgrade = async (): Promise<void> => {
    database.useWriteAheadLog();
    await migrate(database, { now });
  };
  const isNew = readVersion(database) === 0 && !hasOciLayout(paths);
  await (isNew ? database.makeNew(upgrade) : upgrade());
  if (hasOciLayout(paths)) return;
  await writeOciLayout(paths, { sync });
  if (sync) await syncFolders(paths);
}

/** What will be in them is synced as it comes; that they are there must survive, too. */
async function syncFolders({ dir }: StorePaths): Promise<void> {
  for (const path of [`${dir}/blobs`, dir, parentOf(dir)]) await syncDir(path);
}
