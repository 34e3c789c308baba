import assert from "node:assert/strict";
import { runTogether } from "../../src/io/run_together.ts";

Deno.test("runTogether() keeps the items' order, and runs no more at a time than it may", async () => {
  let running = 0;
  let most = 0;
  const results = await runTogether([5, 4, 3, 2, 1], async (item) => {
    most = Math.max(most, ++running);
    for (let turn = 0; turn < item; turn++) await Promise.resolve();
    running--;
    return item * 2;
  }, { limit: 2 });
  assert.deepEqual(results, [10, 8, 6, 4, 2]);
  assert.equal(most, 2);
  assert.deepEqual(await runTogether([], () => Promise.resolve(1)), []);
});

Deno.test("runTogether() throws the first failure once the rest has ended, and begins nothing more", async () => {
  const failure = new Error("first");
  const ended: number[] = [];
  const work = async (item: number, signal: AbortSignal): Promise<void> => {
    if (item === 1) throw failure;
    await new Promise((resolve) => signal.addEventListener("abort", resolve));
    await Promise.resolve();
    ended.push(item);
    throw new Error("later");
  };
  await assert.rejects(runTogether([0, 1, 2, 3], work, { limit: 2 }), failure);
  assert.deepEqual(ended, [0]);
});

Deno.test("runTogether() begins nothing where its signal is aborted", async () => {
  const signal = AbortSignal.abort(new Error("enough"));
  const work = (): Promise<void> => assert.fail("it has begun");
  await assert.rejects(runTogether([1], work, { signal }), /enough/);
});
