import assert from "node:assert/strict";
import { addSample, rateOf, startMeter } from "../../src/ui/rate_meter.ts";

function feed(readings: readonly (readonly [number, number])[]) {
  return readings.reduce(
    (meter, [atMs, bytes]) => addSample(meter, atMs, bytes),
    startMeter(0),
  );
}

function steady(untilMs: number, bytesPerMs: number) {
  const readings: [number, number][] = [];
  for (let ms = 100; ms <= untilMs; ms += 100) {
    readings.push([ms, ms * bytesPerMs]);
  }
  return feed(readings);
}

Deno.test("rateOf() says nothing before half a second", () => {
  assert.equal(rateOf(feed([[10, 1_000_000]]), 400), undefined);
  assert.equal(rateOf({ samples: [] }, 400), undefined);
});

Deno.test("rateOf() is the average over the last seconds", () => {
  assert.equal(rateOf(steady(3_000, 4), 3_000), 4_000);
  const long = rateOf(steady(60_000, 4), 60_000) ?? 0;
  assert.ok(Math.abs(long - 4_000) < 200, `${long}`);
});

Deno.test("rateOf() falls to zero in a stall", () => {
  const meter = steady(10_000, 4);
  const falling = rateOf(meter, 12_500) ?? Infinity;
  assert.ok(falling < 2_500, `${falling}`);
  assert.equal(rateOf(meter, 15_500), 0);
});

Deno.test("rateOf() recovers after a stall within the window", () => {
  const stalled = steady(1_000, 4);
  const meter = addSample(stalled, 61_000, 4_000 + 5_000);
  assert.equal(rateOf(meter, 61_000), 1_000);
});

Deno.test("addSample() keeps few samples however many events come", () => {
  let meter = startMeter(0);
  for (let ms = 1; ms < 100_000; ms++) meter = addSample(meter, ms, ms);
  assert.ok(meter.samples.length < 40, `${meter.samples.length}`);
});
