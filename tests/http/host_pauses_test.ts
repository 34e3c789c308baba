import { deepEqual } from "node:assert/strict";
import { HostPauses } from "../../src/http/host_pauses.ts";

Deno.test("HostPauses keeps the longest pause of each host until it is over", () => {
  let now = 1000;
  const pauses = new HostPauses(() => now);
  deepEqual(pauses.remaining("a"), { delayMs: 0, reason: "" });
  pauses.pause("a", 100, "first");
  pauses.pause("a", 50, "shorter");
  deepEqual(pauses.remaining("a"), { delayMs: 100, reason: "first" });
  deepEqual(pauses.remaining("b"), { delayMs: 0, reason: "" });
  now += 60;
  deepEqual(pauses.remaining("a"), { delayMs: 40, reason: "first" });
  pauses.pause("a", 41, "longer");
  deepEqual(pauses.remaining("a"), { delayMs: 41, reason: "longer" });
  now += 41;
  deepEqual(pauses.remaining("a"), { delayMs: 0, reason: "" });
});
