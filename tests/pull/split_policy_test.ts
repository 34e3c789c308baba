import assert from "node:assert/strict";
import {
  type PieceView,
  planSplits,
  type SplitOptions,
} from "../../src/pull/split_policy.ts";

const MIB = 2 ** 20;

function piece(overrides: Partial<PieceView> = {}): PieceView {
  return {
    position: 0,
    end: 256 * MIB,
    bytesPerSecond: 20 * MIB,
    busyShare: 0.1,
    freshBytesPerSecond: 20 * MIB,
    latencyMs: 20,
    canSplit: true,
    canTakeOver: true,
    ...overrides,
  };
}

const OPTIONS: SplitOptions = {
  idle: 1,
  minPieceBytes: 2 * MIB,
  minSavingMs: 500,
  ceilingBytesPerSecond: 400 * MIB,
};

function cutsOf(
  pieces: readonly PieceView[],
  options: Partial<SplitOptions> = {},
): number[][] {
  return planSplits(pieces, { ...OPTIONS, ...options })
    .map((split) => split.kind === "split" ? [...split.cuts] : []);
}

Deno.test("planSplits() gives seven idle connections about equal parts of one range", () => {
  const [cuts = []] = cutsOf([piece()], { idle: 7 });
  assert.equal(cuts.length, 7);
  const edges = [0, ...cuts, 256 * MIB];
  for (const [i, edge] of edges.slice(1).entries()) {
    const part = edge - (edges[i] ?? 0);
    assert.ok(
      part > 28 * MIB && part < 37 * MIB,
      `part ${i} has ${part / MIB} MiB`,
    );
  }
});

Deno.test("planSplits() splits the range that would end last", () => {
  const short = piece({ end: 64 * MIB });
  const long = piece();
  const [split] = planSplits([short, long], OPTIONS);
  assert.equal(split?.piece, long);
});

Deno.test("planSplits() leaves alone what gains nothing", async (t) => {
  const cases: [string, Partial<PieceView>, Partial<SplitOptions>][] = [
    ["no speed is known yet", { bytesPerSecond: undefined }, {}],
    ["it ends soon", { end: 10 * MIB }, {}],
    ["the machine is at its limit", { bytesPerSecond: 400 * MIB }, {}],
    ["the machine, not the network, is slow", { busyShare: 0.7 }, {}],
    ["its parts would be too small", {
      bytesPerSecond: MIB,
      end: 3 * MIB,
      canTakeOver: false,
    }, {}],
    ["it may not be split", { canSplit: false, canTakeOver: false }, {}],
    ["no connection is idle", {}, { idle: 0 }],
    ["nothing is left", { position: 256 * MIB }, {}],
    ["nothing moves at all", { bytesPerSecond: 0, freshBytesPerSecond: 0 }, {}],
    [
      "a request takes longer than the rest",
      { end: 20 * MIB, latencyMs: 5000 },
      {},
    ],
  ];
  for (const [name, view, options] of cases) {
    await t.step(name, () => {
      assert.deepEqual(
        planSplits([piece(view)], { ...OPTIONS, ...options }),
        [],
      );
    });
  }
});

Deno.test("planSplits() gives a faster connection the larger part", () => {
  const slow = piece({ bytesPerSecond: 2 * MIB });
  const [[cut = 0] = []] = cutsOf([slow]);
  assert.ok(cut > 20 * MIB && cut < 26 * MIB, `${cut / MIB} MiB stay`);
});

Deno.test("planSplits() takes a range over from a connection that hardly moves", () => {
  const stalled = piece({ position: 250 * MIB, bytesPerSecond: 1000 });
  assert.deepEqual(planSplits([stalled], OPTIONS).map(({ kind }) => kind), [
    "split",
  ]);
  const nearEnd = piece({ position: 253 * MIB, bytesPerSecond: 1000 });
  assert.deepEqual(planSplits([nearEnd], OPTIONS), [{
    kind: "take-over",
    piece: nearEnd,
  }]);
});

Deno.test("planSplits() takes nothing over from a connection that is as fast as others", () => {
  const view = piece({
    position: 253 * MIB,
    bytesPerSecond: MIB,
    freshBytesPerSecond: 2 * MIB,
  });
  assert.deepEqual(planSplits([view], OPTIONS), []);
});

Deno.test("planSplits() takes over an answer that has not begun, when others are fast", () => {
  const waiting = piece({ bytesPerSecond: 0, canSplit: false });
  assert.deepEqual(planSplits([waiting], OPTIONS), [{
    kind: "take-over",
    piece: waiting,
  }]);
  const lone = piece({
    bytesPerSecond: 0,
    freshBytesPerSecond: 0,
    canSplit: false,
  });
  assert.deepEqual(planSplits([lone], OPTIONS), []);
});
