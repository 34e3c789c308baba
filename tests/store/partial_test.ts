import assert from "node:assert/strict";
import { totalBytes } from "../../src/io/byte_range.ts";
import type { Ingest } from "../../src/store/ingest.ts";
import { parseLog } from "../../src/store/range_log.ts";
import { Store } from "../../src/store/store.ts";
import { tempDir } from "../testing/temp_dir.ts";
import { randomBytes } from "../testing/test_bytes.ts";
import { keyOf } from "./stored_fixture.ts";

const SIZE = 600_000;
const BYTES = randomBytes(SIZE);
const KEY = keyOf(BYTES);

interface Damage {
  /** What happened to the files between two runs. */
  readonly what: string;
  readonly harm: (partial: string, log: string) => Promise<void>;
  /** How many of the 300,000 bytes may be kept at most. */
  readonly keepsAtMost: number;
  readonly keepsAtLeast?: number;
  /** Whether only the digest can find it out. */
  readonly isHidden?: boolean;
}

const DAMAGES: readonly Damage[] = [
  {
    what: "nothing",
    harm: () => Promise.resolve(),
    keepsAtMost: 300_000,
    keepsAtLeast: 300_000,
  },
  {
    what: "the partial is shorter than its log says",
    harm: (partial) => Deno.truncate(partial, 150_000),
    keepsAtMost: 150_000,
    keepsAtLeast: 100_000,
  },
  {
    what: "the partial is empty",
    harm: (partial) => Deno.truncate(partial, 0),
    keepsAtMost: 0,
  },
  {
    what: "the partial is gone, its log not",
    harm: (partial) => Deno.remove(partial),
    keepsAtMost: 0,
  },
  {
    what: "the partial is longer than the blob",
    harm: async (partial) => {
      await Deno.writeFile(partial, new Uint8Array(SIZE), { append: true });
    },
    keepsAtMost: 300_000,
    keepsAtLeast: 300_000,
  },
  {
    what: "the log is rubbish",
    harm: (_, log) => Deno.writeFile(log, randomBytes(10_000, 7)),
    keepsAtMost: 0,
  },
  {
    what: "the log is empty",
    harm: (_, log) => Deno.truncate(log, 0),
    keepsAtMost: 0,
  },
  {
    what: "the last line of the log is torn",
    harm: async (_, log) => {
      await Deno.writeTextFile(log, "500000-50", { append: true });
    },
    keepsAtMost: 300_000,
    keepsAtLeast: 300_000,
  },
  {
    what: "the log names bytes beyond the blob",
    harm: async (_, log) => {
      await Deno.writeTextFile(log, "0-9007199254740991\n", { append: true });
    },
    keepsAtMost: SIZE,
    isHidden: true,
  },
  {
    what: "a byte is flipped",
    harm: async (partial) => {
      using file = await Deno.open(partial, { write: true });
      await file.write(new Uint8Array([(BYTES[0] ?? 0) ^ 1]));
    },
    keepsAtMost: 300_000,
    isHidden: true,
  },
  {
    what: "the log is lost, so that its gap counts as bytes",
    harm: (_, log) => Deno.remove(log),
    keepsAtMost: SIZE,
    isHidden: true,
  },
];

for (const { what, harm, keepsAtMost, keepsAtLeast = 0, isHidden } of DAMAGES) {
  Deno.test(`a damaged partial costs bytes, never correctness: ${what}`, async () => {
    await using dir = await tempDir();
    await using store = await Store.open(dir.path, { sync: false });
    await writeHalf(store);
    const partial = dir.join("ingest", KEY.digest.replace(":", "-"));
    await harm(partial, `${partial}.ranges`);

    let ingest = await mustOpen(store);
    assert.ok(ingest.kept <= keepsAtMost, `kept ${ingest.kept}`);
    assert.ok(ingest.kept >= keepsAtLeast, `kept ${ingest.kept}`);
    assert.equal(ingest.kept + totalBytes(ingest.missing), SIZE);
    await fill(ingest);
    if (isHidden) {
      await assert.rejects(ingest.commit(), { code: "digest-mismatch" });
      ingest = await mustOpen(store);
      assert.equal(ingest.kept, 0);
      await fill(ingest);
    }
    await ingest.commit();
    assert.deepEqual(await Deno.readFile(store.blobPath(KEY.digest)), BYTES);
  });
}

Deno.test("what was kept is kept again, however often a run ends early", async () => {
  await using dir = await tempDir();
  await using store = await Store.open(dir.path, { sync: false });
  let wanted = 0;
  // From both ends, so that a log is kept, read and gone on with.
  for (let start = 0; start < SIZE / 2; start += 20_000) {
    await using ingest = await mustOpen(store);
    assert.equal(ingest.kept, wanted);
    const last = SIZE - start - 20_000;
    await ingest.writeAt(last, BYTES.subarray(last, last + 20_000));
    await ingest.writeAt(start, BYTES.subarray(start, start + 20_000));
    wanted += 40_000;
  }
  await using ingest = await mustOpen(store);
  assert.deepEqual(ingest.missing, []);
  await ingest.commit();
});

Deno.test("what a log says beyond a shortened file is forgotten, also once the file grows again", async () => {
  await using dir = await tempDir();
  await using store = await Store.open(dir.path, { sync: false });
  await writeHalf(store);
  const partial = dir.join("ingest", KEY.digest.replace(":", "-"));
  await Deno.truncate(partial, 100_000);
  {
    await using ingest = await mustOpen(store);
    await ingest.writeAt(500_000, BYTES.subarray(500_000));
  }
  await using ingest = await mustOpen(store);
  assert.deepEqual(ingest.missing, [{ start: 100_000, end: 500_000 }]);
  await fill(ingest);
  await ingest.commit();
});

Deno.test("a log whose partial is gone costs bytes of the next one, never correctness", async () => {
  await using dir = await tempDir();
  await using store = await Store.open(dir.path, { sync: false });
  await writeHalf(store);
  await Deno.remove(dir.join("ingest", KEY.digest.replace(":", "-")));
  {
    await using ingest = await mustOpen(store);
    assert.equal(ingest.kept, 0);
    await ingest.writeAt(0, BYTES.subarray(0, 400_000));
  }
  await using ingest = await mustOpen(store);
  assert.ok(ingest.kept <= 400_000, `kept ${ingest.kept}`);
  await fill(ingest);
  await ingest.commit();
  assert.deepEqual(await Deno.readFile(store.blobPath(KEY.digest)), BYTES);
});

Deno.test("a partial that another begins between its making and its lock is gone on with, not begun again", async () => {
  await using dir = await tempDir();
  await using store = await Store.open(dir.path, { sync: false });
  const path = dir.join("ingest", KEY.digest.replace(":", "-"));
  const { tryLockSync } = Deno.FsFile.prototype;
  Deno.FsFile.prototype.tryLockSync = function (exclusive) {
    Deno.FsFile.prototype.tryLockSync = tryLockSync;
    // It made more of the blob than there is, and died.
    Deno.writeFileSync(path, new Uint8Array([...BYTES, ...BYTES]));
    return tryLockSync.call(this, exclusive);
  };
  await using ingest = await mustOpen(store);
  assert.equal(ingest.kept, SIZE);
  await ingest.commit();
  assert.deepEqual(await Deno.readFile(store.blobPath(KEY.digest)), BYTES);
});

Deno.test("a log that grew long is written anew as it is opened", async () => {
  await using dir = await tempDir();
  await using store = await Store.open(dir.path, { sync: false });
  await writeHalf(store);
  const log = `${dir.join("ingest", KEY.digest.replace(":", "-"))}.ranges`;
  await Deno.writeTextFile(log, "0-100000\n".repeat(10_000), { append: true });
  await using ingest = await mustOpen(store);
  assert.equal(ingest.kept, 300_000);
  assert.ok((await Deno.stat(log)).size < 100);
});

Deno.test("bytes in order need no log", async () => {
  await using dir = await tempDir();
  await using store = await Store.open(dir.path, { sync: false });
  {
    await using ingest = await mustOpen(store);
    await ingest.writeAt(0, BYTES.subarray(0, 500_000));
  }
  const names = [...Deno.readDirSync(dir.join("ingest"))]
    .map(({ name }) => name);
  assert.ok(!names.some((name) => name.endsWith(".ranges")));
});

for (const name of ["partial", "log", "temporary log"]) {
  Deno.test(`a link planted as ${name} leads nowhere`, async () => {
    await using dir = await tempDir();
    await using victims = await tempDir();
    await using store = await Store.open(dir.path, { sync: false });
    const victim = victims.join("victim");
    await Deno.writeTextFile(victim, "untouched");
    const partial = dir.join("ingest", KEY.digest.replace(":", "-"));
    const suffix = { log: ".ranges", "temporary log": ".ranges.tmp" }[name];
    await Deno.symlink(victim, partial + (suffix ?? ""));
    try {
      await using ingest = await mustOpen(store);
      await ingest.writeAt(400_000, BYTES.subarray(400_000));
      await ingest.writeAt(0, BYTES.subarray(0, 400_000));
      await ingest.commit();
      assert.notEqual(name, "partial");
    } catch (error) {
      assert.ok(error instanceof Error && "code" in error);
      assert.equal(error.code, "store-damaged");
    }
    assert.equal(await Deno.readTextFile(victim), "untouched");
  });
}

Deno.test("a link in the place of a blob is no blob, and a commit replaces it", async () => {
  await using dir = await tempDir();
  await using victims = await tempDir();
  await using store = await Store.open(dir.path, { sync: false });
  const victim = victims.join("victim");
  await Deno.writeFile(victim, BYTES);
  const before = (await Deno.stat(victim)).mtime;
  await Deno.symlink(victim, store.blobPath(KEY.digest));
  assert.equal(await store.hasBlob(KEY), false);
  await assert.rejects(store.readBlob(KEY.digest), { code: "store-damaged" });
  await store.putBlob(KEY, BYTES);
  assert.ok((await Deno.lstat(store.blobPath(KEY.digest))).isFile);
  assert.deepEqual((await Deno.stat(victim)).mtime, before);
});

Deno.test("parseLog() reads what makes sense, and a torn start can only say less", () => {
  const table: readonly [string, string, boolean][] = [
    ["0-5\n", "0-5", true],
    ["0-5\n7-9\n", "0-5 7-9", true],
    ["0-5\n5-9\n", "0-9", true],
    ["0-5\n7-", "0-5", false],
    ["0-5\n7-9", "0-5", false],
    ["5-5\n9-3\n", "", false],
    ["-5-9\n1e3-5\n 0-5\n0-5 \n", "", false],
    ["0-99999999999999999\n", "", false],
    // "1024-20" was torn before "4096-8192" was appended.
    ["1024-204096-8192\n", "", false],
    // "10" of "1024-2048" was torn before "0-500" was appended.
    ["100-500\n", "100-500", true],
    ["", "", true],
  ];
  for (const [text, ranges, isClean] of table) {
    const log = parseLog(text);
    const shown = log.ranges.map(({ start, end }) => `${start}-${end}`);
    assert.deepEqual([shown.join(" "), log.isClean], [
      ranges,
      isClean,
    ], JSON.stringify(text));
  }
});

/** The first 100,000 bytes and 200,000 from 250,000 on. */
async function writeHalf(store: Store): Promise<void> {
  await using ingest = await mustOpen(store);
  await ingest.writeAt(0, BYTES.subarray(0, 100_000));
  await ingest.writeAt(250_000, BYTES.subarray(250_000, 450_000));
}

async function mustOpen(store: Store): Promise<Ingest> {
  const ingest = await store.openIngest(KEY);
  assert.ok(ingest);
  return ingest;
}

async function fill(ingest: Ingest): Promise<void> {
  for (const { start, end } of ingest.missing) {
    await ingest.writeAt(start, BYTES.subarray(start, end));
  }
}
