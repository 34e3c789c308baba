import assert from "node:assert/strict";
import { findNearest } from "../../src/cli/find_nearest.ts";

const NAMES = ["pull", "prune", "images", "import", "rm", "df", "verify"];

Deno.test("findNearest() finds what a slip of the finger meant, and nothing for another word", () => {
  const table = [
    ["pul", "pull"],
    ["pulll", "pull"],
    ["plul", "pull"],
    ["PULL", "pull"],
    ["imgaes", "images"],
    ["improt", "import"],
    ["vrfy", "verify"],
    ["veri", "verify"],
    ["rn", "rm"],
    ["x", undefined],
    ["", undefined],
    ["zz", undefined],
    ["frobnicate", undefined],
    ["im", "rm"],
    ["x".repeat(10_000), undefined],
  ] as const;
  for (const [typed, wanted] of table) {
    assert.equal(findNearest(typed, NAMES), wanted, typed.slice(0, 20));
  }
});
