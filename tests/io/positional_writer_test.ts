import assert from "node:assert/strict";
import fc from "fast-check";
import { PositionalWriter } from "../../src/io/positional_writer.ts";
import { tempDir } from "../testing/temp_dir.ts";
import { randomBytes } from "../testing/test_bytes.ts";

Deno.test("writeAt() puts bytes where they belong, in any order and of any length", async () => {
  await using dir = await tempDir();
  const bytes = randomBytes(1_000_000);
  const cuts = fc.uniqueArray(fc.integer({ min: 1, max: bytes.length - 1 }), {
    maxLength: 12,
  });
  const pieces = cuts.map((inner) => {
    const all = [0, ...inner.toSorted((a, b) => a - b), bytes.length];
    return all.slice(1).map((end, position) => ({
      start: all[position] ?? 0,
      end,
    }));
  }).chain((list) => fc.shuffledSubarray(list, { minLength: list.length }));
  let run = 0;
  await fc.assert(
    fc.asyncProperty(pieces, async (order) => {
      const path = dir.join(`file-${run++}`);
      {
        using file = Deno.openSync(path, { createNew: true, write: true });
        const writer = new PositionalWriter(file);
        for (const { start, end } of order) {
          await writer.writeAt(start, bytes.subarray(start, end));
        }
      }
      assert.deepEqual(await Deno.readFile(path), bytes);
    }),
    { numRuns: 20 },
  );
});

/** A file that takes bytes in small portions, and counts who asked for how many. */
class FakeFile {
  readonly sync: number[] = [];
  readonly async: number[] = [];
  onWriteSync: () => void = () => {};

  seekSync(offset: number): number {
    return offset;
  }
  writeSync(bytes: Uint8Array): number {
    this.onWriteSync();
    this.sync.push(bytes.length);
    return Math.min(bytes.length, 50_000);
  }
  write(bytes: Uint8Array): Promise<number> {
    this.async.push(bytes.length);
    return Promise.resolve(bytes.length);
  }
}

Deno.test("writeAt() goes on after a short write", async () => {
  const file = new FakeFile();
  await new PositionalWriter(file).writeAt(0, new Uint8Array(120_000));
  assert.deepEqual(file.sync, [120_000, 70_000, 20_000]);
});

Deno.test("writeAt() leaves the thread to others once the disk holds it up", async () => {
  const file = new FakeFile();
  let now = 0;
  file.onWriteSync = () => {
    now += 11;
  };
  const writer = new PositionalWriter(file, { now: () => now });
  await writer.writeAt(0, new Uint8Array(10));
  await writer.writeAt(10, new Uint8Array(20));
  assert.deepEqual(file.sync, [10]);
  assert.deepEqual(file.async, [20]);
});
