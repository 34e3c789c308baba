import { DatabaseSync, type StatementSync } from "node:sqlite";
import { guardDatabase, isOutOfShared, toDamage } from "./database_error.ts";

/** What a statement takes. */
export type SqlValue = string | number | null;
/** What a statement yields: columns by name. */
export type Row = Readonly<Record<string, unknown>>;
/** The same, columns in the order of the query. */
export type Tuple = readonly unknown[];

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
  readonly #synchronous: "FULL" | "NORMAL";
  readonly #statements = new Map<string, StatementSync>();
  readonly #tupleStatements = new Map<string, TupleStatement>();

  private constructor(
    path: string,
    driver: DatabaseSync,
    synchronous: "FULL" | "NORMAL" = "FULL",
  ) {
    this.path = path;
    this.#driver = driver;
    this.#synchronous = synchronous;
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
    const driver = guardDatabase(path, "open", () =>
      new DatabaseSync(path, {
        timeout: busyTimeoutMs,
        enableForeignKeyConstraints: true,
      }));
    const synchronous = sync ? "FULL" : "NORMAL";
    const database = new Database(path, driver, synchronous);
    try {
      if (lockingMode === "EXCLUSIVE") {
        database.execute("PRAGMA locking_mode = EXCLUSIVE");
      }
      database.execute(`PRAGMA synchronous = ${synchronous}`);
      return database;
    } catch (error) {
      database[Symbol.dispose]();
      throw error;
    }
  }

  /**
   * Opens a database file that can't be written, and changes nothing beside it either.
   *
   * @param isQuiet Whether nobody has it open and its log is empty: then no lock is taken, for
   * which a file would have to be made beside it.
   */
  static openReadOnly(
    path: string,
    { isQuiet }: { readonly isQuiet: boolean },
  ): Database {
    const name = isQuiet ? `${toFileUri(path)}?immutable=1` : path;
    const driver = guardDatabase(
      path,
      "open",
      () => new DatabaseSync(name, { readOnly: true }),
    );
    return new Database(path, driver);
  }

  /** A database of this process alone; `path` is for its errors. */
  static openInMemory(path: string): Database {
    return new Database(path, new DatabaseSync(":memory:"));
  }

  /** From now on every change is an error. */
  freeze(): void {
    this.execute("PRAGMA query_only = ON");
  }

  /**
   * Does work on a database that has nothing to lose yet: it waits for the disk no more than the
   * next commit, or the database's end, will do for all.
   */
  async makeNew(work: () => Promise<void>): Promise<void> {
    const synchronous = this.#synchronous === "FULL" ? "NORMAL" : "OFF";
    this.execute(`PRAGMA synchronous = ${synchronous}`);
    try {
      await work();
    } finally {
      this.execute(`PRAGMA synchronous = ${this.#synchronous}`);
    }
  }

  /** Lets readers and a writer work at once. The file remembers it, so once is enough. */
  useWriteAheadLog(): void {
    this.execute("PRAGMA journal_mode = WAL");
  }

  /** Runs one or several statements that take no values. */
  execute(sql: string): void {
    guardDatabase(this.path, "use", () => this.#driver.exec(sql));
  }

  /** Runs a statement; says how many rows changed. */
  run(sql: string, ...values: readonly SqlValue[]): number {
    return guardDatabase(
      this.path,
      "write",
      () => Number(this.#prepare(sql).run(...values).changes),
    );
  }

  /** The same for what a power loss may take back: nothing waits for the disk. */
  runUnsynced(sql: string, ...values: readonly SqlValue[]): number {
    this.execute("PRAGMA synchronous = NORMAL");
    try {
      return this.run(sql, ...values);
    } finally {
      this.execute(`PRAGMA synchronous = ${this.#synchronous}`);
    }
  }

  /** The first row of a query. */
  find(sql: string, ...values: readonly SqlValue[]): Row | undefined {
    return guardDatabase(
      this.path,
      "read",
      () => this.#prepare(sql).get(...values),
    );
  }

  /** All rows of a query. */
  all(sql: string, ...values: readonly SqlValue[]): readonly Row[] {
    return guardDatabase(
      this.path,
      "read",
      () => this.#prepare(sql).all(...values),
    );
  }

  /** The same in less than half the time, for lists that may be long. */
  tuples(sql: string, ...values: readonly SqlValue[]): readonly Tuple[] {
    return guardDatabase(this.path, "read", () => {
      const known = this.#tupleStatements.get(sql);
      const statement = known ?? returnTuples(this.#driver.prepare(sql));
      this.#tupleStatements.set(sql, statement);
      return statement.all(...values);
    });
  }

  /**
   * Looks at the whole file, rows against their indexes too: a page has no checksum, so that a
   * digest in which a bit fell over would pass for another one.
   *
   * @throws LocalError `store-damaged` when something doesn't fit.
   */
  check(): void {
    const found = this.find("PRAGMA integrity_check(1)")?.["integrity_check"];
    if (found !== "ok") throw toDamage(this.path, String(found));
  }

  /**
   * Looks whether all rows are there that others name.
   *
   * @throws LocalError `store-damaged` when one is not.
   */
  checkLinks(): void {
    const { table, parent } = this.find("PRAGMA foreign_key_check") ?? {};
    if (table === undefined) return;
    throw toDamage(this.path, `${table} names what ${parent} lacks`);
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
    this.#tupleStatements.clear();
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

/** A statement whose rows are arrays. */
interface TupleStatement {
  all(...values: readonly SqlValue[]): Tuple[];
}

function returnTuples(statement: StatementSync): TupleStatement {
  // Sound: Node has had the method since 24.0, Deno's types have not.
  const tuples = statement as unknown as TupleStatement & {
    setReturnArrays(enabled: boolean): void;
  };
  tuples.setReturnArrays(true);
  return tuples;
}

/** A path as SQLite's URIs have it: with `%`, `?` and `#` escaped. */
function toFileUri(path: string): string {
  const isDrive = /^[A-Za-z]:[\\/]/.test(path);
  const parts = (isDrive ? `/${path.replaceAll("\\", "/")}` : path).split("/");
  return `file:${parts.map(encodeURIComponent).join("/")}`;
}
