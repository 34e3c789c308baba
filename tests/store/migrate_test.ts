import assert from "node:assert/strict";
import { Database } from "../../src/store/database.ts";
import { isMigrated, migrate } from "../../src/store/migrate.ts";
import { type Migration, MIGRATIONS } from "../../src/store/migrations.ts";
import { tempDir } from "../testing/temp_dir.ts";

const ONE: Migration = {
  version: 1,
  name: "0001_one",
  sql: "CREATE TABLE one (a TEXT) STRICT;",
};
const TWO: Migration = {
  version: 2,
  name: "0002_two",
  sql: "CREATE TABLE two (a TEXT) STRICT; INSERT INTO one VALUES ('x');",
};
const BROKEN: Migration = {
  version: 2,
  name: "0002_broken",
  sql: "CREATE TABLE two (a TEXT) STRICT; INSERT INTO nowhere VALUES (1);",
};

Deno.test("migrate() goes step by step, each once, and notes them", async () => {
  await using dir = await tempDir();
  using database = Database.open(dir.join("db"));
  assert.equal(isMigrated(database, [ONE]), false);
  await migrate(database, { migrations: [ONE], now: () => 0 });
  assert.equal(isMigrated(database, [ONE]), true);
  assert.equal(isMigrated(database, [ONE, TWO]), false);
  await migrate(database, { migrations: [ONE, TWO], now: () => 1000 });
  await migrate(database, { migrations: [ONE, TWO] });
  assert.equal(database.all("SELECT * FROM one").length, 1);
  assert.deepEqual(
    database.all(
      "SELECT version, name, applied_at FROM schema_migrations ORDER BY version",
    ).map((row) => ({ ...row })),
    [
      { version: 1, name: "0001_one", applied_at: "1970-01-01T00:00:00.000Z" },
      { version: 2, name: "0002_two", applied_at: "1970-01-01T00:00:01.000Z" },
    ],
  );
});

Deno.test("migrate() undoes a step that fails, and leaves the format before it", async () => {
  await using dir = await tempDir();
  using database = Database.open(dir.join("db"));
  await assert.rejects(
    migrate(database, { migrations: [ONE, BROKEN] }),
    /no such table: nowhere/,
  );
  assert.equal(isMigrated(database, [ONE]), true);
  assert.deepEqual(
    database.all("SELECT name FROM sqlite_schema WHERE name = 'two'"),
    [],
  );
  await migrate(database, { migrations: [ONE, TWO] });
});

Deno.test("migrate() keeps what went before the step that fails, and goes on from there", async () => {
  await using dir = await tempDir();
  using database = Database.open(dir.join("db"));
  const three = { ...TWO, version: 3, name: "0003_three" };
  const four = { version: 4, name: "0004_four", sql: "DROP TABLE one;" };
  const broken = { ...BROKEN, version: 3, name: "0003_broken" };
  const two = { version: 2, name: "0002_none", sql: "" };
  await assert.rejects(
    migrate(database, { migrations: [ONE, two, broken, four] }),
    /no such table: nowhere/,
  );
  assert.equal(isMigrated(database, [ONE, two]), true);
  await migrate(database, { migrations: [ONE, two, three, four] });
  assert.equal(isMigrated(database, [ONE, two, three, four]), true);
  assert.deepEqual(
    database.all("SELECT name FROM schema_migrations ORDER BY version")
      .map(({ name }) => name),
    ["0001_one", "0002_none", "0003_three", "0004_four"],
  );
});

Deno.test("migrate() refuses a database whose steps were others", async () => {
  await using dir = await tempDir();
  using database = Database.open(dir.join("db"));
  await migrate(database, {
    migrations: [{ ...ONE, sql: `${ONE.sql} -- other` }],
  });
  await assert.rejects(migrate(database, { migrations: [ONE, TWO] }), {
    name: "LocalError",
    code: "store-damaged",
    details: { path: dir.join("db"), migration: "0001_one" },
  });
});

Deno.test("migrate() leaves a newer format alone", async () => {
  await using dir = await tempDir();
  using database = Database.open(dir.join("db"));
  await migrate(database, { migrations: [ONE, TWO] });
  const refusal = {
    code: "store-too-new",
    details: { path: dir.join("db"), found: 2, supported: 1 },
  };
  await assert.rejects(migrate(database, { migrations: [ONE] }), refusal);
  assert.throws(() => isMigrated(database, [ONE]), {
    ...refusal,
    hint: /^use the newer dray that made it/,
  });
});

Deno.test("isMigrated() says of a number that the file's record contradicts that it may be damaged", async () => {
  await using dir = await tempDir();
  using database = Database.open(dir.join("db"));
  await migrate(database, { migrations: [ONE, TWO] });
  database.execute("PRAGMA user_version = 900");
  assert.throws(() => isMigrated(database, [ONE, TWO]), {
    code: "store-too-new",
    hint: /^its own record ends with format 2, .* move the file away/,
  });
  database.execute("DROP TABLE schema_migrations");
  assert.throws(() => isMigrated(database, [ONE, TWO]), {
    code: "store-too-new",
    hint: /^use the newer dray that made it/,
  });
});

Deno.test("MIGRATIONS are numbered without a gap, and are the files of the folder", async () => {
  const folder = new URL("../../migrations/", import.meta.url);
  const names = [...Deno.readDirSync(folder)].map(({ name }) => name).sort();
  assert.deepEqual(MIGRATIONS.map(({ name }) => `${name}.sql`), names);
  for (const [position, { version, name, sql }] of MIGRATIONS.entries()) {
    assert.equal(version, position + 1);
    assert.equal(Number(name.slice(0, 4)), version);
    const file = new URL(`${name}.sql`, folder);
    assert.equal(sql, await Deno.readTextFile(file));
  }
});
