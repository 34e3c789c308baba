import { textColumn } from "./columns.ts";
import { Database } from "./database.ts";
import { readVersion } from "./migrate.ts";
import { type Migration, MIGRATIONS } from "./migrations.ts";

const SELECT = `
SELECT t.name || '.' || c.name AS name
FROM sqlite_schema t JOIN pragma_table_info(t.name) c WHERE t.type = 'table'
UNION ALL SELECT name FROM sqlite_schema WHERE type = 'index'`;

/**
 * Whether a database has the tables, columns and indexes of the format whose number it bears, and
 * none of a later one: else no statement and no migration would work.
 */
export function hasItsSchema(
  database: Database,
  migrations: readonly Migration[] = MIGRATIONS,
): boolean {
  const version = readVersion(database);
  const actual = namesOf(database);
  using model = Database.openInMemory(database.path);
  const own = migrations.filter((step) => step.version <= version);
  for (const { sql } of own) model.execute(sql);
  const before = namesOf(model);
  if (!before.isSubsetOf(actual)) return false;
  for (const { sql } of migrations.slice(own.length)) model.execute(sql);
  return namesOf(model).difference(before).isDisjointFrom(actual);
}

function namesOf(database: Database): ReadonlySet<string> {
  return new Set(database.all(SELECT).map((row) => textColumn(row, "name")));
}
