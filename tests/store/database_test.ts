import assert from "node:assert/strict";
import { Database } from "../../src/store/database.ts";
import { tempDir } from "../testing/temp_dir.ts";

Deno.test("transaction() undoes all of it when it fails", async () => {
  await using dir = await tempDir();
  using database = Database.open(dir.join("db"));
  database.execute("CREATE TABLE t (a INTEGER PRIMARY KEY) STRICT");
  const failure = new Error("no");
  assert.throws(() =>
    database.transaction(() => {
      database.run("INSERT INTO t VALUES (?)", 1);
      throw failure;
    }), failure);
  assert.deepEqual(database.all("SELECT * FROM t"), []);
  assert.equal(
    database.transaction(() => database.run("INSERT INTO t VALUES (?)", 1)),
    1,
  );
});

Deno.test("a broken constraint is a mistake of the program, not of the disk", async () => {
  await using dir = await tempDir();
  using database = Database.open(dir.join("db"));
  database.execute("CREATE TABLE t (a INTEGER PRIMARY KEY) STRICT");
  database.run("INSERT INTO t VALUES (1)");
  assert.throws(() => database.run("INSERT INTO t VALUES (1)"), {
    name: "Error",
    message: /UNIQUE constraint failed/,
  });
});

Deno.test("a writer waits for another's transaction only so long", async () => {
  await using dir = await tempDir();
  using first = Database.open(dir.join("db"));
  first.useWriteAheadLog();
  using second = Database.open(dir.join("db"), { busyTimeoutMs: 1 });
  first.transaction(() => {
    assert.throws(() => second.transaction(() => {}), {
      name: "LocalError",
      code: "io",
      message: /database is locked/,
    });
  });
  second.transaction(() => {});
});

Deno.test("a file cut short is store-damaged", async () => {
  await using dir = await tempDir();
  {
    using database = Database.open(dir.join("db"));
    database.execute("CREATE TABLE t (a TEXT) STRICT");
    database.transaction(() => {
      for (let row = 0; row < 500; row++) {
        database.run("INSERT INTO t VALUES (?)", "x".repeat(500));
      }
    });
  }
  const { size } = await Deno.stat(dir.join("db"));
  await Deno.truncate(dir.join("db"), size - 4096 * 20);
  assert.throws(() => {
    using database = Database.open(dir.join("db"));
    database.all("SELECT * FROM t");
  }, { name: "LocalError", code: "store-damaged" });
});

for (
  const [sync, mode] of [[true, 2], [false, 1]] as const
) {
  Deno.test(`Database.open() with sync ${sync} makes SQLite's synchronous ${mode}`, async () => {
    await using dir = await tempDir();
    using database = Database.open(dir.join("db"), { sync });
    assert.equal(database.find("PRAGMA synchronous")?.["synchronous"], mode);
    assert.equal(database.find("PRAGMA foreign_keys")?.["foreign_keys"], 1);
    assert.equal(database.find("PRAGMA busy_timeout")?.["timeout"], 30_000);
    database.useWriteAheadLog();
    assert.equal(database.find("PRAGMA journal_mode")?.["journal_mode"], "wal");
  });
}

Deno.test("makeNew() waits for the disk less, and only while its work lasts", async () => {
  for (const [sync, during, after] of [[true, 1, 2], [false, 0, 1]] as const) {
    await using dir = await tempDir();
    using database = Database.open(dir.join("db"), { sync });
    const level = () => database.find("PRAGMA synchronous")?.["synchronous"];
    const seen: unknown[] = [];
    const failure = new Error("no");
    await database.makeNew(() => Promise.resolve(void seen.push(level())));
    await assert.rejects(
      database.makeNew(() => Promise.reject(failure)),
      failure,
    );
    assert.deepEqual([...seen, level()], [during, after]);
  }
});
