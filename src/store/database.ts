import { DatabaseSync, type StatementSync } from "node:sqlite";
import { LocalError } from "../errors.ts";
import { toLocalError } from "../io/local_error.ts";

/** What a statement takes. */
export type SqlValue = string | number | null;
/** What a statement yields: columns by name. */
export type Row = Readonly<Record<string, unknown>>;

/** How {@linkcode Database.open} opens. */
export interface DatabaseOptions {
  /** Default true: what was committed survives a power loss. */
  readonly sync?: boolean;
  /** How long to wait for another process's transaction. Default 30 s. */
  readonly busyTimeoutMs?: number;
}

/** One SQLite connection; the only file that knows the driver. */
export class Database implements Disposable {
  readonly path: string;
  readonly #driver: DatabaseSync;
  readonly #statements = new Map<string, StatementSync>();

  private constructor(path: string, driver: DatabaseSync) {
    this.path = path;
    this.#driver = driver;
  }

  /**
   * Opens a database file, creating it where there is none.
   *
   * @throws LocalError `store-damaged` when the file is no database.
   */
  static open(path: string, options: DatabaseOptions = {}): Database {
    try {
      return Database.#connect(path, options, "NORMAL");
    } catch (error) {
      if (!isOutOfShared(error)) throw error;
      // On a full disk there is no room for the file that connections share; one that is alone
      // needs none. So a store can still be looked at there, and pruned.
      return Database.#connect(path, options, "EXCLUSIVE");
    }
  }

  static #connect(
    path: string,
    { sync = true, busyTimeoutMs = 30_000 }: DatabaseOptions,
    lockingMode: "NORMAL" | "EXCLUSIVE",
  ): Database {
    const driver = guard(path, "open", () =>
      new DatabaseSync(path, {
        timeout: busyTimeoutMs,
        enableForeignKeyConstraints: true,
      }));
    const database = new Database(path, driver);
    try {
      if (lockingMode === "EXCLUSIVE") {
        database.execute("PRAGMA locking_mode = EXCLUSIVE");
      }
      database.execute(`PRAGMA synchronous = ${sync ? "FULL" : "NORMAL"}`);
      return database;
    } catch (error) {
      database[Symbol.dispose]();
      throw error;
    }
  }

  /** Lets readers and a writer work at once. The file remembers it, so once is enough. */
  useWriteAheadLog(): void {
    this.execute("PRAGMA journal_mode = WAL");
  }

  /** Runs one or several statements that take no values. */
  execute(sql: string): void {
    guard(this.path, "use", () => this.#driver.exec(sql));
  }

  /** Runs a statement; says how many rows changed. */
  run(sql: string, ...values: readonly SqlValue[]): number {
    return guard(
      this.path,
      "write",
      () => Number(this.#prepare(sql).run(...values).changes),
    );
  }

  /** The first row of a query. */
  find(sql: string, ...values: readonly SqlValue[]): Row | undefined {
    return guard(this.path, "read", () => this.#prepare(sql).get(...values));
  }

  /** All rows of a query. */
  all(sql: string, ...values: readonly SqlValue[]): readonly Row[] {
    return guard(this.path, "read", () => this.#prepare(sql).all(...values));
  }

  /** Runs `work` in one transaction that has the write lock from the start; a throw undoes it. */
  transaction<T>(work: () => T): T {
    this.execute("BEGIN IMMEDIATE");
    try {
      const result = work();
      this.execute("COMMIT");
      return result;
    } catch (error) {
      this.#rollBack();
      throw error;
    }
  }

  [Symbol.dispose](): void {
    this.#statements.clear();
    this.#driver.close();
  }

  /** A full disk, for one, has ended the transaction already; the first error is what matters. */
  #rollBack(): void {
    if (this.#driver.isTransaction) this.#driver.exec("ROLLBACK");
  }

  #prepare(sql: string): StatementSync {
    const known = this.#statements.get(sql);
    if (known !== undefined) return known;
    const statement = this.#driver.prepare(sql);
    this.#statements.set(sql, statement);
    return statement;
  }
}

/** Deno's driver gives no SQLite code, only SQLite's fixed English sentence for it. */
const SENTENCES: readonly (readonly [RegExp, string, string?])[] = [
  [
    /not a database|malformed|disk image/,
    "store-damaged",
    "move the file away: what it holds can be pulled again, and the blobs stay",
  ],
  [/disk is full/, "disk-full", "free some space and run it again"],
  [/readonly database/, "permission-denied"],
  [/unable to open/, "permission-denied"],
  [/is locked/, "io", "another process holds the store; try again"],
  [/disk I\/O error/, "io", "is the disk full, or the file system gone?"],
];

/** What SQLite says where it can't make a file, of whatever kind. */
function isOutOfShared(error: unknown): boolean {
  return error instanceof LocalError && error.code === "io" &&
    /disk I\/O error/.test(error.message);
}

function guard<T>(path: string, action: string, call: () => T): T {
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
  return new LocalError(code, `Cannot ${action} "${path}": ${error.message}`, {
    cause: error,
    hint,
    details: { path },
  });
}

/** A constraint or a mistake in a statement: a bug here, not the user's disk. */
function isDriverError(error: Error): boolean {
  return "code" in error && error.code === "ERR_SQLITE_ERROR";
}
