import assert from "node:assert/strict";
import { tarHeader, tarPadding } from "../../src/tar/tar_header.ts";
import { TAR_END_BYTES, writeTar } from "../../src/tar/write_tar.ts";
import { mustRun } from "../testing/run_command.ts";
import { tempDir } from "../testing/temp_dir.ts";

const decoder = new TextDecoder();

Deno.test("writeTar() writes what GNU tar unpacks, long and odd names too", async () => {
  await using dir = await tempDir();
  const deep = `${"d".repeat(90)}/${"e".repeat(60)}`;
  const files: Record<string, string> = {
    "plain.txt": "plain\n",
    "empty": "",
    "block": "b".repeat(512),
    [`dir/${"n".repeat(96)}`]: "exactly 100",
    [`dir/${"n".repeat(97)}`]: "exactly 101",
    [`${deep}/${"f".repeat(90)}`]: "split at a slash",
    [`${"x".repeat(200)}`]: "PAX, for it cannot be split",
    [`${deep}/${"g".repeat(100)}/${"h".repeat(100)}`]: "PAX, for its length",
    "ünï\u{1f600}cödé": "PAX, for it is not ASCII",
  };
  const archive = writeTar([
    { path: "dir", type: "directory", mode: 0o750 },
    ...Object.entries(files).map(([path, content]) => ({ path, content })),
    { path: "soft", type: "symlink", linkPath: "l".repeat(150) },
    { path: "hard", type: "hardlink", linkPath: "plain.txt" },
    { path: "run", mode: 0o755, mtime: 1_700_000_000.9, content: "x" },
  ]);
  assert.equal(archive.length % 512, 0);
  await Deno.writeFile(dir.join("a.tar"), archive);
  await mustRun("tar", ["--extract", "--file", "a.tar"], { cwd: dir.path });
  for (const [path, content] of Object.entries(files)) {
    assert.equal(await Deno.readTextFile(dir.join(path)), content, path);
  }
  assert.equal(await Deno.readLink(dir.join("soft")), "l".repeat(150));
  assert.equal((await Deno.stat(dir.join("hard"))).nlink, 2);
  const run = await Deno.stat(dir.join("run"));
  assert.equal((run.mode ?? 0) & 0o777, 0o755);
  assert.equal(run.mtime?.getTime(), 1_700_000_000_900);
  const folder = await Deno.stat(dir.join("dir"));
  assert.equal((folder.mode ?? 0) & 0o777, 0o750);
});

Deno.test("writeTar() of nothing is the end of an archive", () => {
  assert.deepEqual(writeTar([]), new Uint8Array(TAR_END_BYTES));
});

Deno.test("tarHeader() puts numbers that ustar has no room for into PAX records", () => {
  const size = 8 ** 11;
  const blocks = tarHeader({ path: "big", size, uid: 8 ** 7, gid: 1 });
  const text = decoder.decode(blocks.subarray(512, 1024));
  const records = text.slice(0, text.indexOf("\0"));
  assert.equal(records, `15 uid=${8 ** 7}\n19 size=${size}\n`);
  assert.equal(blocks.length, 3 * 512);
  const largest = tarHeader({ path: "big", size: size - 1 });
  assert.equal(largest.length, 512);
  assert.equal(decoder.decode(largest.subarray(124, 135)), "7".repeat(11));
});

Deno.test("tarHeader() counts a PAX record's length with its own digits", () => {
  for (let length = 60; length < 1100; length++) {
    const path = "p".repeat(length);
    const blocks = tarHeader({ path });
    if (length <= 100) {
      assert.equal(blocks.length, 512);
      continue;
    }
    const record = decoder.decode(blocks.subarray(512, -512)).replace(
      /\0+$/,
      "",
    );
    assert.equal(Number(record.split(" ")[0]), record.length);
    assert.ok(record.endsWith(`path=${path}\n`));
  }
});

Deno.test("tarHeader() refuses what is no entry", () => {
  assert.throws(() => tarHeader({ path: "" }), RangeError);
  assert.throws(() => tarHeader({ path: "a\0b" }), RangeError);
  assert.throws(() => tarHeader({ path: "a", type: "symlink" }), RangeError);
  for (const size of [-1, 1.5, NaN, 2 ** 53]) {
    assert.throws(() => tarHeader({ path: "a", size }), RangeError);
  }
});

Deno.test("tarPadding() fills up to the next block", () => {
  const cases = [[0, 0], [1, 511], [511, 1], [512, 0], [513, 511]] as const;
  for (const [size, padding] of cases) {
    assert.equal(tarPadding(size), padding);
  }
});
