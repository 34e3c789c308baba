import assert from "node:assert/strict";
import fc from "fast-check";
import { type ByteRange, totalBytes } from "../../src/io/byte_range.ts";
import type { Descriptor } from "../../src/spec/descriptor.ts";
import type { Digest } from "../../src/spec/digest.ts";
import type { OpenIngestOptions } from "../../src/store/file_blobs.ts";
import type { Ingest } from "../../src/store/ingest.ts";
import { randomBytes } from "../testing/test_bytes.ts";
import { keyOf } from "./stored_fixture.ts";

type Key = Pick<Descriptor, "digest" | "size">;

/** What takes blobs in; each test gets one of its own. */
export interface IngestTarget extends AsyncDisposable {
  open(key: Key, options?: OpenIngestOptions): Promise<Ingest | undefined>;
  put(key: Key, bytes: Uint8Array): Promise<void>;
  has(key: Key): Promise<boolean>;
  read(digest: Digest): Promise<Uint8Array>;
  drop(digest: Digest): Promise<void>;
}

const SIZE = 700_000;
const BYTES = randomBytes(SIZE);
const KEY = keyOf(BYTES);

/** What every implementation of an {@linkcode Ingest} has to do. */
export function testIngest(
  name: string,
  create: () => Promise<IngestTarget>,
): void {
  function test(
    what: string,
    run: (target: IngestTarget) => Promise<void>,
  ): void {
    Deno.test(`Ingest ${name}: ${what}`, async () => {
      await using target = await create();
      await run(target);
    });
  }

  for (const algorithm of ["sha256", "sha512"] as const) {
    test(`takes a blob in order and commits it, ${algorithm}`, async (target) => {
      const key = keyOf(BYTES, algorithm);
      await using ingest = await mustOpen(target, key);
      assert.equal(ingest.size, SIZE);
      assert.equal(ingest.kept, 0);
      assert.deepEqual(ingest.missing, [{ start: 0, end: SIZE }]);
      await write(ingest, { start: 0, end: 300_000 });
      assert.deepEqual(ingest.missing, [{ start: 300_000, end: SIZE }]);
      assert.equal(await target.has(key), false);
      await write(ingest, { start: 300_000, end: SIZE });
      assert.deepEqual(ingest.missing, []);
      await ingest.commit();
      assert.equal(await target.has(key), true);
      assert.deepEqual(await target.read(key.digest), BYTES);
      assert.equal(await target.open(key), undefined);
    });
  }

  test("takes pieces in any order, overlapping, from several at once", async (target) => {
    const bound = fc.integer({ min: 0, max: SIZE });
    const piece = fc.tuple(bound, bound).map(([a, b]): ByteRange => ({
      start: Math.min(a, b),
      end: Math.max(a, b),
    }));
    const pieces = fc.array(piece, { maxLength: 10 });
    await fc.assert(
      fc.asyncProperty(pieces, async (order) => {
        {
          await using ingest = await mustOpen(target);
          await Promise.all(order.map((range) => write(ingest, range)));
        }
        await using ingest = await mustOpen(target);
        assert.equal(ingest.kept, SIZE - totalBytes(ingest.missing));
        for (const range of order) mustHave(ingest, range);
        await fill(ingest);
        await ingest.commit();
        assert.deepEqual(await target.read(KEY.digest), BYTES);
        await target.drop(KEY.digest);
      }),
      { numRuns: 15 },
    );
  });

  test("takes an empty blob", async (target) => {
    const key = keyOf(new Uint8Array());
    await using ingest = await mustOpen(target, key);
    assert.deepEqual(ingest.missing, []);
    await ingest.commit();
    assert.equal(await target.has(key), true);
  });

  test("keeps what it has when it is disposed, and goes on from there", async (target) => {
    {
      await using ingest = await mustOpen(target);
      await write(ingest, { start: 0, end: 100_000 });
      await write(ingest, { start: 500_000, end: 600_000 });
    }
    await using ingest = await mustOpen(target);
    assert.equal(ingest.kept, 200_000);
    assert.deepEqual(ingest.missing, [
      { start: 100_000, end: 500_000 },
      { start: 600_000, end: SIZE },
    ]);
    await fill(ingest);
    await ingest.commit();
    assert.equal(await target.has(KEY), true);
  });

  test("hashes the caller's bytes before it may use the buffer again", async (target) => {
    await using ingest = await mustOpen(target);
    const buffer = new Uint8Array(50_000);
    for (let start = 0; start < SIZE; start += buffer.length) {
      buffer.set(BYTES.subarray(start, start + buffer.length));
      await ingest.writeAt(start, buffer);
      buffer.fill(0);
    }
    await ingest.commit();
  });

  test("refuses wrong bytes with both digests, and forgets them", async (target) => {
    const wrong = BYTES.slice();
    wrong[123_456] = (wrong[123_456] ?? 0) ^ 1;
    await using ingest = await mustOpen(target);
    await ingest.writeAt(0, wrong);
    await assert.rejects(ingest.commit(), {
      name: "IntegrityError",
      code: "digest-mismatch",
      details: { expected: KEY.digest, actual: keyOf(wrong).digest },
    });
    assert.equal(await target.has(KEY), false);
    await using again = await mustOpen(target);
    assert.equal(again.kept, 0);
    await fill(again);
    await again.commit();
  });

  test("refuses to commit before every byte is here, and stays open", async (target) => {
    await using ingest = await mustOpen(target);
    await write(ingest, { start: 0, end: SIZE - 1 });
    await assert.rejects(ingest.commit(), {
      name: "IntegrityError",
      code: "size-mismatch",
    });
    await fill(ingest);
    await ingest.commit();
  });

  test("leaves bytes that are here as they are", async (target) => {
    await using ingest = await mustOpen(target);
    await write(ingest, { start: 0, end: 100_000 });
    await write(ingest, { start: 300_000, end: 400_000 });
    await ingest.writeAt(0, new Uint8Array(100_000));
    await ingest.writeAt(310_000, new Uint8Array(10));
    await fill(ingest);
    await ingest.commit();
  });

  test("refuses bytes outside the blob", async (target) => {
    await using ingest = await mustOpen(target);
    const outside: readonly [number, number][] = [
      [SIZE, 1],
      [SIZE - 1, 2],
      [-1, 1],
      [0.5, 1],
      [NaN, 1],
    ];
    for (const [offset, length] of outside) {
      await assert.rejects(
        ingest.writeAt(offset, new Uint8Array(length)),
        RangeError,
      );
    }
    assert.deepEqual(ingest.missing, [{ start: 0, end: SIZE }]);
  });

  test("reset() forgets all bytes", async (target) => {
    await using ingest = await mustOpen(target);
    await write(ingest, { start: 0, end: 200_000 });
    await write(ingest, { start: 400_000, end: 500_000 });
    await ingest.reset();
    assert.deepEqual(ingest.missing, [{ start: 0, end: SIZE }]);
    await fill(ingest);
    await ingest.commit();
    assert.deepEqual(await target.read(KEY.digest), BYTES);
  });

  test("is of no use once it is closed", async (target) => {
    const ingest = await mustOpen(target);
    await ingest[Symbol.asyncDispose]();
    await ingest[Symbol.asyncDispose]();
    await assert.rejects(ingest.writeAt(0, BYTES), TypeError);
    await assert.rejects(ingest.reset(), TypeError);
    await assert.rejects(ingest.commit(), TypeError);
  });

  test("lets a second caller wait until the first commits", async (target) => {
    const first = await mustOpen(target);
    const waits = Promise.withResolvers<void>();
    const second = target.open(KEY, { onWait: waits.resolve });
    await waits.promise;
    await fill(first);
    await first.commit();
    assert.equal(await second, undefined);
  });

  test("lets a second caller take over where the first gave up", async (target) => {
    const first = await mustOpen(target);
    await write(first, { start: 0, end: 100_000 });
    const waits = Promise.withResolvers<void>();
    const second = target.open(KEY, { onWait: waits.resolve });
    await waits.promise;
    await first[Symbol.asyncDispose]();
    await using ingest = await second;
    assert.equal(ingest?.kept, 100_000);
  });

  test("lets a second caller start anew where the first had wrong bytes", async (target) => {
    const first = await mustOpen(target);
    const waits = Promise.withResolvers<void>();
    const second = target.open(KEY, { onWait: waits.resolve });
    await waits.promise;
    await first.writeAt(0, new Uint8Array(SIZE));
    await assert.rejects(first.commit(), { code: "digest-mismatch" });
    await using ingest = await second;
    assert.equal(ingest?.kept, 0);
    await fill(ingest);
    await ingest.commit();
  });

  test("ends the wait when it is aborted", async (target) => {
    await using _first = await mustOpen(target);
    const abort = new AbortController();
    const second = target.open(KEY, {
      signal: abort.signal,
      onWait: () => abort.abort(new Error("enough")),
    });
    await assert.rejects(second, /enough/);
  });

  test("put() takes bytes at hand, whatever an earlier run left", async (target) => {
    {
      await using ingest = await mustOpen(target);
      await ingest.writeAt(0, new Uint8Array(1000));
    }
    await target.put(KEY, BYTES);
    await target.put(KEY, BYTES);
    assert.deepEqual(await target.read(KEY.digest), BYTES);
  });

  test("put() refuses bytes of another size or digest", async (target) => {
    await assert.rejects(target.put(KEY, BYTES.subarray(1)), {
      code: "size-mismatch",
      details: { digest: KEY.digest, expected: SIZE, actual: SIZE - 1 },
    });
    await assert.rejects(target.put(KEY, new Uint8Array(SIZE)), {
      code: "digest-mismatch",
    });
    assert.equal(await target.has(KEY), false);
  });
}

async function mustOpen(target: IngestTarget, key = KEY): Promise<Ingest> {
  const ingest = await target.open(key);
  assert.ok(ingest, "it is committed already");
  return ingest;
}

function write(ingest: Ingest, { start, end }: ByteRange): Promise<void> {
  return ingest.writeAt(start, BYTES.subarray(start, end));
}

async function fill(ingest: Ingest): Promise<void> {
  for (const range of ingest.missing) await write(ingest, range);
}

function mustHave(ingest: Ingest, range: ByteRange): void {
  for (const { start, end } of ingest.missing) {
    assert.ok(
      end <= range.start || start >= range.end || range.start === range.end,
    );
  }
}
