import { LocalError } from "../errors.ts";
import { syncDir } from "../io/atomic_file.ts";
import { type LockOptions, openLock } from "../io/file_lock.ts";
import { guardLocal } from "../io/local_error.ts";
import { findEntry } from "../io/open_regular_file.ts";
import { lockPath, type StorePaths } from "./layout.ts";
import { isMigrated } from "./migrate.ts";
import { openDatabaseFile } from "./open_database.ts";
import { hasItsSchema } from "./schema_check.ts";
import { prepareLayout } from "./prepare_layout.ts";
import { checkValues } from "./value_check.ts";

/** The log goes first: left alone beside a new database, it would be played into that. */
const SUFFIXES = ["-wal", "-shm", "-journal", ""] as const;

/** See `Store.mend`. */
export async function mendDatabase(
  paths: StorePaths,
  options: Omit<LockOptions, "shared">,
): Promise<string | undefined> {
  prepareLayout(paths);
  if (isSound(paths)) return undefined;
  await using _content = await openLock(
    lockPath(paths.dir, "content"),
    options,
  );
  await using _migrate = await openLock(
    lockPath(paths.dir, "migrate"),
    options,
  );
  // Another process may have been faster.
  if (isSound(paths)) return undefined;
  const aside = freeName(`${paths.database}.damaged`);
  for (const suffix of SUFFIXES) {
    const path = paths.database + suffix;
    if (findEntry(path) === undefined) continue;
    guardLocal("move", path, () => Deno.renameSync(path, aside + suffix));
  }
  await syncDir(paths.dir);
  return aside;
}

/**
 * Whether the file is whole, by SQLite's own look at it. A newer format is none of our business,
 * so it is not damaged.
 */
function isSound(paths: StorePaths): boolean {
  if (findEntry(paths.database) === undefined) return true;
  try {
    using database = openDatabaseFile(paths);
    database.check();
    database.checkLinks();
    checkValues(database);
    isMigrated(database);
    return hasItsSchema(database);
  } catch (error) {
    if (error instanceof LocalError && error.code === "store-damaged") {
      return false;
    }
    throw error;
  }
}

function freeName(path: string): string {
  for (let number = 1;; number++) {
    const name = `${path}-${number}`;
    if (findEntry(name) === undefined) return name;
  }
}
