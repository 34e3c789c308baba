import { openLock } from "../io/file_lock.ts";
import type { Database } from "./database.ts";
import {
  hasOciLayout,
  lockPath,
  type StorePaths,
  writeOciLayout,
} from "./layout.ts";
import { migrate } from "./migrate.ts";

/**
 * Makes a new store, or an older one's format, complete: one process at a time, since SQLite's
 * busy timeout does not cover two that turn on its log at once.
 */
export async function completeStore(
  database: Database,
  paths: StorePaths,
  { now = Date.now }: { readonly now?: () => number },
): Promise<void> {
  await using _lock = await openLock(lockPath(paths.dir, "migrate"));
  database.useWriteAheadLog();
  await migrate(database, { now });
  if (!hasOciLayout(paths)) writeOciLayout(paths);
}
