import { LocalError } from "../errors.ts";
import { digestBytes } from "../io/hash.ts";
import type { Database } from "./database.ts";
import { type Migration, MIGRATIONS } from "./migrations.ts";

/** Options of {@linkcode migrate}. */
export interface MigrateOptions {
  /** Default: those of this program. */
  readonly migrations?: readonly Migration[];
  /** The clock, in milliseconds. */
  readonly now?: () => number;
}

/** A migration, and what tells it from another of the same name. */
interface Step extends Migration {
  readonly checksum: string;
}

const JOURNAL = `CREATE TABLE IF NOT EXISTS schema_migrations (
  version    INTEGER PRIMARY KEY,
  name       TEXT NOT NULL,
  checksum   TEXT NOT NULL,
  applied_at TEXT NOT NULL
) STRICT`;

/**
 * Brings a database to the newest format, forward only, each step in a transaction of its own,
 * so that a crash leaves a format that some version knew. Two processes may do it at once: the
 * second finds it done.
 *
 * @throws LocalError `store-too-new` when a newer dray made the store.
 * @throws LocalError `store-damaged` when a step was applied that is not the one known here.
 */
export async function migrate(
  database: Database,
  { migrations = MIGRATIONS, now = Date.now }: MigrateOptions = {},
): Promise<void> {
  const newest = newestOf(migrations);
  for (const step of await Promise.all(migrations.map(withChecksum))) {
    database.transaction(() => {
      if (isCurrent(database, newest)) return;
      database.execute(JOURNAL);
      if (readVersion(database) < step.version) apply(database, step, now());
      else check(database, step);
    });
  }
}

/**
 * Whether there is nothing to migrate: one number read, nothing hashed.
 *
 * @throws LocalError `store-too-new` when a newer dray made the store.
 */
export function isMigrated(
  database: Database,
  migrations: readonly Migration[] = MIGRATIONS,
): boolean {
  return isCurrent(database, newestOf(migrations));
}

function newestOf(migrations: readonly Migration[]): number {
  return migrations.at(-1)?.version ?? 0;
}

function isCurrent(database: Database, newest: number): boolean {
  const version = readVersion(database);
  if (version > newest) throw tooNew(database, version, newest);
  return version === newest;
}

/** The number of the format that a database bears. */
export function readVersion(database: Database): number {
  return Number(database.find("PRAGMA user_version")?.["user_version"]);
}

function apply(
  database: Database,
  { version, name, sql, checksum }: Step,
  now: number,
): void {
  database.execute(sql);
  database.run(
    `INSERT INTO schema_migrations (version, name, checksum, applied_at)
     VALUES (?, ?, ?, ?)`,
    version,
    name,
    checksum,
    new Date(now).toISOString(),
  );
  // A pragma takes no bound value; this one is an integer of the program's own.
  database.execute(`PRAGMA user_version = ${Math.trunc(version)}`);
}

/** The number of the last step in the file's record of them; undefined where that can't be read. */
function findLastStep(database: Database): number | undefined {
  try {
    const row = database.find(
      "SELECT max(version) AS n FROM schema_migrations",
    );
    return typeof row?.["n"] === "number" ? row["n"] : undefined;
  } catch (error) {
    if (error instanceof LocalError) return undefined;
    throw error;
  }
}

function check(database: Database, migration: Step): void {
  const row = database.find(
    "SELECT checksum FROM schema_migrations WHERE version = ?",
    migration.version,
  );
  if (row?.["checksum"] === migration.checksum) return;
  throw new LocalError(
    "store-damaged",
    `Cannot migrate "${database.path}": step ${migration.name} was applied in another form`,
    {
      hint: "move the file away: what it holds can be pulled again",
      details: { path: database.path, migration: migration.name },
    },
  );
}

async function withChecksum(migration: Migration): Promise<Step> {
  const bytes = new TextEncoder().encode(migration.sql);
  return { ...migration, checksum: await digestBytes("sha256", bytes) };
}

function tooNew(
  database: Database,
  version: number,
  newest: number,
): LocalError {
  const { path } = database;
  const applied = findLastStep(database);
  return new LocalError(
    "store-too-new",
    `Cannot open "${path}": the store has format ${version}, this dray knows formats up to ${newest}`,
    {
      // Nothing mends that by itself: whatever a newer dray knows would get lost.
      hint: applied === undefined || applied >= version
        ? "use the newer dray that made it, or another store (--store DIR)"
        : `its own record ends with format ${applied}, so the number may be damaged; ` +
          "then move the file away: a new one is made from what is in the store",
      details: { path, found: version, supported: newest },
    },
  );
}
