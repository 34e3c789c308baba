import assert from "node:assert/strict";
import { SpeedMeter } from "../../src/pull/speed_meter.ts";

/** Feeds `bytesPerSecond` in steps of 10 ms. */
function feed(
  meter: SpeedMeter,
  bytesPerSecond: number,
  fromMs: number,
  toMs: number,
): void {
  for (let at = fromMs + 10; at <= toMs; at += 10) {
    meter.add(bytesPerSecond / 100, at);
  }
}

function near(actual: number | undefined, expected: number): void {
  assert.ok(
    actual !== undefined && Math.abs(actual - expected) < expected * 0.05,
    `${actual} is not about ${expected}`,
  );
}

Deno.test("SpeedMeter is right from its first readings on", () => {
  for (const seconds of [0.2, 1, 10, 100]) {
    const meter = new SpeedMeter(0);
    feed(meter, 5_000_000, 0, seconds * 1000);
    near(meter.perSecond(seconds * 1000), 5_000_000);
  }
});

Deno.test("SpeedMeter knows nothing before there is something to know", () => {
  const meter = new SpeedMeter(1000);
  meter.add(500_000, 1001);
  assert.equal(meter.perSecond(1010), undefined);
});

Deno.test("SpeedMeter falls during a stall and rises after it", () => {
  const meter = new SpeedMeter(0);
  feed(meter, 1_000_000, 0, 10_000);
  const stalled = meter.perSecond(15_000) ?? 0;
  assert.ok(stalled < 50_000, `${stalled}`);
  feed(meter, 1_000_000, 15_000, 25_000);
  near(meter.perSecond(25_000), 1_000_000);
});

Deno.test("SpeedMeter survives a clock that stands or goes back", () => {
  const meter = new SpeedMeter(100);
  meter.add(1000, 100);
  meter.add(1000, 50);
  assert.equal(meter.perSecond(20), undefined);
  assert.ok((meter.perSecond(1100) ?? 0) > 0);
});
