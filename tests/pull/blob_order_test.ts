import assert from "node:assert/strict";
import { BlobOrder } from "../../src/pull/blob_order.ts";

function takeAll(
  sizes: readonly number[],
  connections: number,
  largestInWork = 0,
): number[] {
  const order = new BlobOrder<number>();
  for (const size of sizes) order.add(size, size);
  const taken: number[] = [];
  let largest = largestInWork;
  for (let next = order.take(largest, connections); next !== undefined;) {
    taken.push(next);
    largest = Math.max(largest, next);
    next = order.take(largest, connections);
  }
  return taken;
}

Deno.test("BlobOrder begins with the largest, then goes up from the smallest", () => {
  assert.deepEqual(takeAll([30, 1000, 10, 20], 4), [1000, 10, 20, 30]);
});

Deno.test("BlobOrder goes up from the smallest on a single connection", () => {
  assert.deepEqual(takeAll([30, 1000, 10, 20], 1), [10, 20, 30, 1000]);
});

Deno.test("BlobOrder leaves a large one waiting while a larger is in work", () => {
  assert.deepEqual(takeAll([500, 10, 20], 4, 1000), [10, 20, 500]);
});

Deno.test("BlobOrder keeps the order of equals, and forgets what is removed", () => {
  const order = new BlobOrder<string>();
  for (const name of ["a", "b", "c"]) order.add(name, 5);
  order.remove("b");
  order.remove("unknown");
  assert.deepEqual([order.take(9, 2), order.take(9, 2), order.take(9, 2)], [
    "a",
    "c",
    undefined,
  ]);
});
