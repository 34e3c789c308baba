import assert from "node:assert/strict";
import { BoundedMap } from "../../src/registry/bounded_map.ts";

Deno.test("BoundedMap forgets what was set longest ago", () => {
  const map = new BoundedMap<number>(2);
  map.set("a", 1);
  map.set("b", 2);
  map.set("a", 3);
  map.set("c", 4);
  assert.deepEqual(["a", "b", "c"].map((key) => map.get(key)), [
    3,
    undefined,
    4,
  ]);
});
