import assert from "node:assert/strict";
import {
  gatherLimits,
  parseUnpackLimit,
} from "../../src/cli/unpack_limit_flag.ts";

Deno.test("parseUnpackLimit() takes a name and a number, with a unit or without", () => {
  const limits = [
    "entries=500k",
    "bytes=20G",
    "ratio=100",
    "ratio-free-bytes=5M",
    "sparse-bytes=1T",
    "name-bytes=64",
    "path-bytes=1024",
    "depth=10",
    "depth=20",
  ].map(parseUnpackLimit);
  assert.deepEqual(gatherLimits(limits), {
    maxEntries: 500_000,
    maxBytes: 20e9,
    maxRatio: 100,
    ratioFreeBytes: 5e6,
    maxSparseBytes: 1e12,
    maxNameBytes: 64,
    maxPathBytes: 1024,
    maxDepth: 20,
  });
  assert.deepEqual(gatherLimits(), {});
});

for (
  const text of [
    "",
    "entries",
    "entries=",
    "entries=0",
    "entries=-1",
    "entries=1.5",
    "entries=1e3",
    "entries=9999999999999999",
    "entries=999999999999999T",
    "files=1",
    "constructor=1",
    "maxEntries=1",
    "\x1b[2J=1",
  ]
) {
  Deno.test(`parseUnpackLimit() refuses ${JSON.stringify(text)}`, () => {
    assert.throws(() => parseUnpackLimit(text), {
      name: "UsageError",
      message: /^\P{Cc}*$/u,
      hint: /entries/,
    });
  });
}
