import { Database } from "../../src/store/database.ts";
import { migrate } from "../../src/store/migrate.ts";
import { MIGRATIONS } from "../../src/store/migrations.ts";

/** In the order that foreign keys ask for. */
const TABLES = [
  "configs",
  "layers",
  "manifests",
  "manifest_layers",
  "indexes",
  "index_manifests",
  "images",
  "image_manifests",
  "layout_state",
];

/** What format 1 has and the newest has elsewhere. */
const MOVED: Readonly<Record<string, string>> = {
  "configs.media_type": `(SELECT m.config_media_type FROM new.manifests m
    WHERE m.config_digest = configs.digest ORDER BY m.rowid LIMIT 1)`,
};

/** Puts a database in format 1, with the same rows, in the place of a store's. */
export async function toFormatOne(dir: string): Promise<void> {
  const path = `${dir}/oci.db`;
  {
    using old = Database.open(`${path}.old`);
    await migrate(old, { migrations: MIGRATIONS.slice(0, 1) });
    old.execute("DELETE FROM layout_state");
    old.run("ATTACH ? AS new", path);
    old.transaction(() => {
      for (const table of TABLES) copyRows(old, table);
    });
    old.execute("DETACH new");
    old.useWriteAheadLog();
  }
  for (const end of ["", "-wal", "-shm"]) removeIfThere(path + end);
  Deno.renameSync(`${path}.old`, path);
}

function copyRows(old: Database, table: string): void {
  const columns = old.all(`PRAGMA main.table_info(${table})`)
    .map(({ name }) => String(name));
  const values = columns.map((name) => MOVED[`${table}.${name}`] ?? name);
  old.execute(
    `INSERT INTO main.${table} (${columns.join()})
     SELECT ${values.join()} FROM new.${table}`,
  );
}

function removeIfThere(path: string): void {
  try {
    Deno.removeSync(path);
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
  }
}
