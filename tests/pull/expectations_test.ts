import assert from "node:assert/strict";
import { Expectations } from "../../src/pull/expectations.ts";
import { Pace } from "../../src/pull/pace.ts";

/** Of a request that brought `bytes` from `latencyMs` on until `endMs`. */
function paceOf(bytes: number, latencyMs: number, endMs: number): Pace {
  const pace = new Pace(0);
  pace.onRead(1, latencyMs);
  if (bytes > 1) pace.onRead(bytes - 1, endMs);
  return pace;
}

Deno.test("Expectations knows nothing of a registry that has not answered", () => {
  assert.deepEqual(new Expectations().of("a"), {
    freshBytesPerSecond: 0,
    latencyMs: 200,
  });
});

Deno.test("Expectations learns speed and latency, each registry's its own", () => {
  const expectations = new Expectations();
  expectations.learn(
    { registry: "a", pace: paceOf(1_000_000, 50, 1000) },
    1000,
  );
  assert.deepEqual(expectations.of("a"), {
    freshBytesPerSecond: 1_000_000,
    latencyMs: 50,
  });
  assert.equal(expectations.of("b").freshBytesPerSecond, 0);
  expectations.learn(
    { registry: "a", pace: paceOf(2_000_000, 150, 1000) },
    1000,
  );
  assert.equal(expectations.of("a").freshBytesPerSecond, 2_000_000);
  assert.equal(Math.round(expectations.of("a").latencyMs), 80);
});

Deno.test("Expectations forgets slowly what was fast, and learns no speed from a small blob", () => {
  const expectations = new Expectations();
  expectations.learn({ registry: "a", pace: paceOf(1_000_000, 0, 1000) }, 1000);
  expectations.learn({ registry: "a", pace: paceOf(300_000, 0, 3000) }, 3000);
  assert.equal(Math.round(expectations.of("a").freshBytesPerSecond), 730_000);
  expectations.learn({ registry: "a", pace: paceOf(1000, 0, 3000) }, 3000);
  assert.equal(Math.round(expectations.of("a").freshBytesPerSecond), 730_000);
});

Deno.test("Expectations.with() adds what flies, and keeps none of it", () => {
  const expectations = new Expectations();
  const flying = { registry: "a", pace: paceOf(1_000_000, 40, 1000) };
  const seen = expectations.with([flying], 1000).of("a");
  assert.ok(seen.freshBytesPerSecond > 500_000);
  assert.equal(seen.latencyMs, 40);
  assert.equal(expectations.of("a").freshBytesPerSecond, 0);
});
