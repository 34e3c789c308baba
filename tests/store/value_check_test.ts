import assert from "node:assert/strict";
import { Database } from "../../src/store/database.ts";
import { checkValues } from "../../src/store/value_check.ts";

const HEX = "0123456789abcdef";
const SHA256 = `sha256:${HEX.repeat(4)}`;
const SHA512 = `sha512:${HEX.repeat(8)}`;

function tableWith(column: string, value: string | number | bigint): Database {
  const database = Database.openInMemory("oci.db");
  database.execute("CREATE TABLE t (digest TEXT, size INTEGER, note TEXT)");
  const literal = typeof value === "string" ? `'${value}'` : `${value}`;
  database.execute(`INSERT INTO t (${column}) VALUES (${literal})`);
  return database;
}

Deno.test("checkValues() passes digests of both algorithms, whole numbers and nothing", () => {
  for (
    const [column, value] of [
      ["digest", SHA256],
      ["digest", SHA512],
      ["size", 0],
      ["size", Number.MAX_SAFE_INTEGER],
      ["note", "anything"],
    ] as const
  ) {
    using database = tableWith(column, value);
    checkValues(database);
  }
});

Deno.test("checkValues() throws store-damaged when a digest or a number is none", () => {
  for (
    const [column, value] of [
      ["digest", ""],
      ["digest", "sha256:zz"],
      ["digest", SHA256.replace("0", "g")],
      ["digest", SHA256.toUpperCase()],
      ["digest", SHA512.replace("sha512", "sha256")],
      ["size", -1],
      ["size", 2n ** 53n],
      ["size", 2n ** 63n - 1n],
    ] as const
  ) {
    using database = tableWith(column, value);
    assert.throws(() => checkValues(database), {
      code: "store-damaged",
      message: /^Cannot trust "oci\.db": "t\.(digest|size) holds what is no /,
      hint: /dray verify --repair/,
    }, `${column} ${value}`);
  }
});

Deno.test("a number that JavaScript has not is store-damaged when it is read", () => {
  using database = tableWith("size", 2n ** 63n - 1n);
  for (const read of ["find", "all", "tuples"] as const) {
    assert.throws(() => database[read]("SELECT size FROM t"), {
      code: "store-damaged",
      hint: /dray verify --repair/,
    });
  }
});
