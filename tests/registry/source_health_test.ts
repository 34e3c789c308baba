import assert from "node:assert/strict";
import { SourceHealth } from "../../src/registry/source_health.ts";

function healthAt(cooldownMs: number) {
  const clock = { ms: 0 };
  return { clock, health: new SourceHealth(cooldownMs, () => clock.ms) };
}

Deno.test("SourceHealth passes a dead host over for the cooldown, then lets one caller try", () => {
  const { clock, health } = healthAt(30_000);
  assert.equal(health.isDead("a"), false);
  health.markDead("a");
  assert.equal(health.isDead("a"), true);
  assert.equal(health.isDead("b"), false);
  clock.ms = 29_999;
  assert.equal(health.isDead("a"), true);
  clock.ms = 30_000;
  assert.equal(health.isDead("a"), false);
  assert.equal(health.isDead("a"), true);
});

Deno.test("SourceHealth doubles the cooldown with each failed try, up to a limit", () => {
  const { clock, health } = healthAt(1_000);
  const waits: number[] = [];
  for (let round = 0; round < 7; round++) {
    health.markDead("a");
    const start = clock.ms;
    while (health.isDead("a")) clock.ms += 1_000;
    waits.push((clock.ms - start) / 1_000);
  }
  assert.deepEqual(waits, [1, 2, 4, 8, 16, 16, 16]);
});

Deno.test("SourceHealth counts requests that failed together as one failure", () => {
  const { clock, health } = healthAt(1_000);
  for (let request = 0; request < 8; request++) health.markDead("a");
  clock.ms = 1_000;
  assert.equal(health.isDead("a"), false);
});

Deno.test("SourceHealth forgets failures when a host answers", () => {
  const { clock, health } = healthAt(1_000);
  health.markDead("a");
  assert.equal(health.isMarked("a"), true);
  health.markAlive("a");
  assert.equal(health.isMarked("a"), false);
  assert.equal(health.isDead("a"), false);
  health.markDead("a");
  clock.ms = 1_000;
  assert.equal(health.isDead("a"), false);
});
