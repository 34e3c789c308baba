import { LocalError } from "../errors.ts";
import { guardLocal } from "../io/local_error.ts";
import { findEntry } from "../io/open_regular_file.ts";
import type { Database } from "./database.ts";
import type { WriteIndexJsonOptions } from "./index_json.ts";
import { hasOciLayout, type StorePaths } from "./layout.ts";
import { mendIndexJson, openDatabase } from "./open_database.ts";
import { checkLayout } from "./prepare_layout.ts";

/**
 * Opens the database of a store for somebody who only reads. No store is made: where there is no
 * database, what index.json names is put together in memory, which is nothing in a folder without
 * a store. A store that can be written is opened as any other, so that the locks of SQLite hold,
 * and a crash's traces are cleared; one that can't be is read as it is.
 *
 * @throws LocalError `permission-denied`, `store-too-new` or `store-damaged`.
 */
export async function openDatabaseToRead(
  paths: StorePaths,
  options: WriteIndexJsonOptions,
): Promise<Database> {
  checkLayout(paths);
  if (sizeOf(paths.database) === undefined) {
    return await openAside(paths, options);
  }
  try {
    const database = await openDatabase(paths, options);
    await tryMendIndexJson(database, paths, options);
    return database;
  } catch (error) {
    if (!isUnwritable(error)) throw error;
    return await openAside(paths, options);
  }
}

/** It is others who read index.json: that it can't be mended now keeps nobody from reading. */
async function tryMendIndexJson(
  database: Database,
  paths: StorePaths,
  options: WriteIndexJsonOptions,
): Promise<void> {
  try {
    await mendIndexJson(database, paths, options);
  } catch (error) {
    if (isUnwritable(error)) return;
    database[Symbol.dispose]();
    throw error;
  }
}

async function openAside(
  paths: StorePaths,
  { now, signal }: WriteIndexJsonOptions,
): Promise<Database> {
  hasOciLayout(paths);
  const { openUnwritable } = await import("./open_unwritable.ts");
  const pulledAt = new Date(now()).toISOString();
  return await openUnwritable(paths, { pulledAt, signal });
}

/** Whether something failed since the disk is full, or its owner or mount lets nobody write. */
export function isUnwritable(error: unknown): boolean {
  return error instanceof LocalError &&
    (error.code === "permission-denied" || error.code === "disk-full");
}

/** The bytes of a file; undefined where there is none. */
export function sizeOf(path: string): number | undefined {
  return guardLocal("open", path, () => findEntry(path))?.size;
}
