import assert from "node:assert/strict";
import {
  type Capability,
  type Endpoint,
  originEndpoint,
} from "../../src/registry/endpoint.ts";
import { chooseSources } from "../../src/registry/try_sources.ts";

const mirror = (host: string, ...capabilities: Capability[]): Endpoint => ({
  ...originEndpoint(host),
  isMirror: true,
  capabilities: new Set(
    capabilities.length === 0 ? ["pull", "resolve"] : capabilities,
  ),
});
const ALL = [mirror("a.io"), mirror("b.io", "pull"), originEndpoint("o.io")];

const choose = (
  needs: Capability,
  { avoid = [], dead = [] }: {
    avoid?: readonly string[];
    dead?: readonly string[];
  } = {},
) =>
  chooseSources(
    ALL,
    { needs, avoid: new Set(avoid) },
    (host) => dead.includes(host),
  )
    .map(({ name }) => name);

Deno.test("chooseSources() asks only who is able", () => {
  assert.deepEqual(choose("pull"), ["a.io", "b.io", "o.io"]);
  assert.deepEqual(choose("resolve"), ["a.io", "o.io"]);
});

Deno.test("chooseSources() passes over the dead and the avoided", () => {
  assert.deepEqual(choose("pull", { dead: ["a.io"] }), ["b.io", "o.io"]);
  assert.deepEqual(choose("pull", { avoid: ["b.io"] }), ["a.io", "o.io"]);
  assert.deepEqual(choose("pull", { avoid: ["o.io"], dead: ["a.io"] }), [
    "b.io",
  ]);
});

Deno.test("chooseSources() would rather ask somebody than nobody", () => {
  assert.deepEqual(choose("pull", { avoid: ["a.io", "b.io", "o.io"] }), [
    "a.io",
    "b.io",
    "o.io",
  ]);
  assert.deepEqual(
    choose("pull", { avoid: ["o.io"], dead: ["a.io", "b.io"] }),
    ["a.io", "b.io"],
  );
});
