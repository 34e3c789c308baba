import { LocalError } from "../errors.ts";
import { guardLocal } from "../io/local_error.ts";
import { removeIfThere } from "../io/open_regular_file.ts";
import { completeStore } from "./complete_store.ts";
import { Database, type DatabaseOptions } from "./database.ts";
import { writeIndexJson, type WriteIndexJsonOptions } from "./index_json.ts";
import { isIndexJson } from "./index_json_check.ts";
import { hasOciLayout, type StorePaths } from "./layout.ts";
import { isLayoutStale, noteLayoutChange } from "./layout_state.ts";
import { isMigrated } from "./migrate.ts";
import { prepareLayout } from "./prepare_layout.ts";

/**
 * Opens the database of a store, creating and migrating what needs it.
 *
 * @throws LocalError `permission-denied`, `disk-full`, `store-too-new` or `store-damaged`.
 */
export async function openDatabase(
  paths: StorePaths,
  options: WriteIndexJsonOptions,
): Promise<Database> {
  prepareLayout(paths);
  const database = openDatabaseFile(paths, options);
  try {
    if (!isMigrated(database) || !hasOciLayout(paths)) {
      await completeStore(database, paths, options);
    }
    return database;
  } catch (error) {
    database[Symbol.dispose]();
    throw explain(error, paths);
  }
}

/** Opens or creates the file, and tells why it can't be done. */
export function openDatabaseFile(
  paths: StorePaths,
  options: DatabaseOptions = {},
): Database {
  try {
    return Database.open(paths.database, options);
  } catch (error) {
    throw explain(error, paths);
  }
}

/** SQLite says no more than that it can't open a file; the system says why none can be made. */
function explain(error: unknown, { dir }: StorePaths): unknown {
  if (!(error instanceof LocalError) || error.code !== "permission-denied") {
    return error;
  }
  const path = `${dir}/.dray-probe`;
  try {
    removeIfThere(path);
    guardLocal("write to", dir, () => Deno.writeFileSync(path, EMPTY));
    removeIfThere(path);
    return error;
  } catch (reason) {
    return reason;
  }
}

const EMPTY = new Uint8Array();

/** Has index.json show what the database says, where a crash or somebody else left it otherwise. */
export async function mendIndexJson(
  database: Database,
  paths: StorePaths,
  options: WriteIndexJsonOptions,
): Promise<void> {
  // A file that got lost or spoilt is made again from the database.
  if (!isLayoutStale(database) && !isIndexJson(paths.indexJson)) {
    noteLayoutChange(database);
  }
  // A crash came between the database and the file, or the database is new.
  if (isLayoutStale(database)) await writeIndexJson(database, paths, options);
}
