import { LocalError } from "../errors.ts";
import { toLocalError } from "../io/local_error.ts";
import { quoteText } from "../spec/escape_text.ts";

/** What mends a database that says what it can't. */
export const MEND =
  "make a new one from what is in the store with: dray verify --repair";

/** Deno's driver gives no SQLite code, only SQLite's fixed English sentence for it. */
const SENTENCES: readonly (readonly [RegExp, string, string?])[] = [
  [/not a database|malformed|disk image/, "store-damaged", MEND],
  // The driver's own word: dray writes no such number.
  [/too large to be represented/, "store-damaged", MEND],
  // The statements are right, so the tables are not those of the format that the file bears.
  [
    /no such (table|column)|already exists|duplicate column|has no column/,
    "store-damaged",
    MEND,
  ],
  [/disk is full/, "disk-full", "free some space and run it again"],
  [/readonly database/, "permission-denied"],
  [/unable to open/, "permission-denied"],
  [/is locked/, "io", "another process holds the store; try again"],
  [/disk I\/O error/, "io", "is the disk full, or the file system gone?"],
];

/** What SQLite says where it can't make a file, of whatever kind. */
export function isOutOfShared(error: unknown): boolean {
  return error instanceof LocalError && error.code === "io" &&
    /disk I\/O error/.test(error.message);
}

/** Runs a call of the driver, and throws what its failure means for the user. */
export function guardDatabase<T>(
  path: string,
  action: string,
  call: () => T,
): T {
  try {
    return call();
  } catch (error) {
    throw toDatabaseError(error, action, path);
  }
}

function toDatabaseError(
  error: unknown,
  action: string,
  path: string,
): unknown {
  if (!(error instanceof Error)) return error;
  const found = SENTENCES.find(([sentence]) => sentence.test(error.message));
  if (found === undefined) {
    return isDriverError(error) ? error : toLocalError(error, action, path);
  }
  const [, code, hint] = found;
  // The driver may add the whole statement, however long.
  const [sentence] = error.message.split(" in ");
  return new LocalError(code, `Cannot ${action} "${path}": ${sentence}`, {
    cause: error,
    hint,
    details: { path },
  });
}

/** What SQLite's own look at a file found wrong. */
export function toDamage(path: string, finding: string): LocalError {
  return new LocalError(
    "store-damaged",
    `Cannot trust "${path}": ${quoteText(finding)}`,
    { hint: MEND, details: { path } },
  );
}

/** A constraint or a mistake in a statement: a bug here, not the user's disk. */
function isDriverError(error: Error): boolean {
  return "code" in error && error.code === "ERR_SQLITE_ERROR";
}
