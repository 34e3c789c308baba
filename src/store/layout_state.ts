import { integerColumn } from "./columns.ts";
import type { Database } from "./database.ts";

const SELECT = "SELECT changed, written FROM layout_state WHERE id = 1";
const BUMP = "UPDATE layout_state SET changed = changed + 1 WHERE id = 1";
const SET_WRITTEN = "UPDATE layout_state SET written = ? WHERE id = 1";

/** How index.json and the database stand to each other. */
export interface LayoutState {
  /** How often what index.json shows has changed; never 0. */
  readonly changed: number;
  /** Which of these states the file shows; 0 when this database never wrote it. */
  readonly written: number;
}

/** Reads the one row. */
export function readLayoutState(database: Database): LayoutState {
  const row = database.find(SELECT) ?? {};
  return {
    changed: integerColumn(row, "changed"),
    written: integerColumn(row, "written"),
  };
}

/** To be called in the transaction of each change to what index.json shows. */
export function noteLayoutChange(database: Database): void {
  database.run(BUMP);
}

/** To be called once the file is in place. */
export function noteLayoutWritten(database: Database, state: number): void {
  database.run(SET_WRITTEN, state);
}

/** Whether index.json shows an older state than the database's, as after a crash. */
export function isLayoutStale(database: Database): boolean {
  const { changed, written } = readLayoutState(database);
  return changed !== written;
}
