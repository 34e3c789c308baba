import { adoptLayout, type AdoptOptions } from "./adopt_layout.ts";
import { Database } from "./database.ts";
import type { StorePaths } from "./layout.ts";
import { isMigrated, migrate } from "./migrate.ts";
import { isUnwritable, sizeOf } from "./open_to_read.ts";

/**
 * The database of a store in which nothing can be made or changed. SQLite reads it with what is
 * beside it; where that is not enough, since a log without its index was left, or the format is an
 * older one, the images are put together in memory from index.json and the blobs.
 */
export async function openUnwritable(
  paths: StorePaths,
  options: AdoptOptions,
): Promise<Database> {
  const database = findReadable(paths.database) ??
    await readLayout(paths, options);
  database.freeze();
  return database;
}

function findReadable(path: string): Database | undefined {
  if (sizeOf(path) === undefined) return undefined;
  // Whoever has it open has a log; and closing it properly empties and removes that.
  const isQuiet = (sizeOf(`${path}-wal`) ?? 0) === 0;
  let database: Database | undefined;
  try {
    database = Database.openReadOnly(path, { isQuiet });
    if (isMigrated(database)) return database;
  } catch (error) {
    database?.[Symbol.dispose]();
    if (!isUnwritable(error)) throw error;
    return undefined;
  }
  database[Symbol.dispose]();
  return undefined;
}

async function readLayout(
  paths: StorePaths,
  options: AdoptOptions,
): Promise<Database> {
  const database = Database.openInMemory(paths.database);
  try {
    await migrate(database);
    await adoptLayout(database, paths, options);
    return database;
  } catch (error) {
    database[Symbol.dispose]();
    throw error;
  }
}
