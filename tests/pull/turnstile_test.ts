import assert from "node:assert/strict";
import { type Turn, Turnstile } from "../../src/pull/turnstile.ts";

const NEVER = new AbortController().signal;

/** Enters and remembers who got in. */
function enter(
  turnstile: Turnstile,
  sizes: readonly number[],
): { in: number[]; turns: Turn[] } {
  const state: { in: number[]; turns: Turn[] } = { in: [], turns: [] };
  for (const size of sizes) {
    void turnstile.enter(size, NEVER).then((turn) => {
      state.in.push(size);
      state.turns.push(turn);
    });
  }
  return state;
}

const settled = () => new Promise((resolve) => setTimeout(resolve));

Deno.test("Turnstile lets in what there are connections for and two more, the largest first", async () => {
  const turnstile = new Turnstile(2);
  const state = enter(turnstile, [50, 40, 30, 20, 10, 60]);
  await settled();
  assert.deepEqual(state.in, [60, 10, 20, 30]);
  state.turns[0]?.end();
  state.turns[0]?.end();
  await settled();
  assert.deepEqual(state.in, [60, 10, 20, 30, 50]);
});

Deno.test("Turnstile bounds the blobs that are being committed", async () => {
  const turnstile = new Turnstile(2);
  const state = enter(turnstile, new Array(200).fill(1));
  for (let before = -1; before !== state.in.length;) {
    before = state.in.length;
    await settled();
    state.turns.forEach((turn) => turn.end());
    await settled();
  }
  assert.equal(state.in.length, 50);
  state.turns.forEach((turn) => turn[Symbol.dispose]());
  await settled();
  assert.ok(state.in.length > 50);
});

Deno.test("Turnstile.enter() that is given up lets the next one in", async () => {
  const turnstile = new Turnstile(1);
  const state = enter(turnstile, [1, 2, 3]);
  const controller = new AbortController();
  const waiting = turnstile.enter(4, controller.signal);
  controller.abort(new Error("enough"));
  await assert.rejects(waiting, /enough/);
  const after = turnstile.enter(5, NEVER);
  await settled();
  state.turns[0]?.[Symbol.dispose]();
  await after;
  await assert.rejects(turnstile.enter(1, controller.signal), /enough/);
});
