import assert from "node:assert/strict";
import { Pace } from "../../src/pull/pace.ts";

Deno.test("Pace knows no speed before the first byte, and none at all when that is very late", () => {
  const pace = new Pace(0);
  assert.equal(pace.latencyMs, undefined);
  assert.equal(pace.bytesPerSecond(4999), undefined);
  assert.equal(pace.bytesPerSecond(5000), 0);
  assert.equal(pace.busyShare(5000), 0);
});

Deno.test("Pace counts latency to the first byte, and speed from it", () => {
  const pace = new Pace(100);
  for (let at = 400; at <= 2400; at += 10) pace.onRead(1000, at);
  assert.equal(pace.latencyMs, 300);
  assert.equal(pace.receivedBytes, 201_000);
  const speed = pace.bytesPerSecond(2400) ?? 0;
  assert.ok(speed > 95_000 && speed < 105_000, `${speed}`);
  assert.equal(Math.round(pace.averageBytesPerSecond(2400)), 87_391);
});

Deno.test("Pace tells how much of the time the machine was busy", () => {
  const pace = new Pace(0);
  pace.onRead(1, 0);
  for (let at = 10; at <= 1000; at += 10) pace.onBusy(7, at);
  const share = pace.busyShare(1000);
  assert.ok(share > 0.65 && share < 0.75, `${share}`);
});
