import assert from "node:assert/strict";
import { SingleFlight } from "../../src/registry/single_flight.ts";

Deno.test("SingleFlight.run() starts work once for callers that wait together", async () => {
  const flights = new SingleFlight<number>();
  const gate = Promise.withResolvers<number>();
  let starts = 0;
  const start = () => (starts++, gate.promise);
  const waits = [1, 2, 3].map(() => flights.run("a", start));
  const other = flights.run("b", () => Promise.resolve(9));
  gate.resolve(7);
  assert.deepEqual(await Promise.all(waits), [7, 7, 7]);
  assert.equal(await other, 9);
  assert.equal(starts, 1);
  assert.equal(await flights.run("a", () => Promise.resolve(8)), 8);
});

Deno.test("SingleFlight.run() leaves the others alone when one caller gives up", async () => {
  const flights = new SingleFlight<number>();
  const gate = Promise.withResolvers<number>();
  let ended: AbortSignal | undefined;
  const quitter = new AbortController();
  const start = (signal: AbortSignal) => (ended = signal, gate.promise);
  const quit = flights.run("a", start, quitter.signal);
  const stay = flights.run("a", start, new AbortController().signal);
  quitter.abort(new Error("enough"));
  await assert.rejects(quit, /enough/);
  assert.equal(ended?.aborted, false);
  gate.resolve(7);
  assert.equal(await stay, 7);
});

Deno.test("SingleFlight.run() ends work that nobody waits for, and starts anew", async () => {
  const flights = new SingleFlight<number>();
  const signals: AbortSignal[] = [];
  const hang = (signal: AbortSignal) => {
    signals.push(signal);
    return new Promise<number>((_, reject) =>
      signal.addEventListener("abort", () => reject(new Error("ended")))
    );
  };
  const quitters = [new AbortController(), new AbortController()];
  const waits = quitters.map(({ signal }) => flights.run("a", hang, signal));
  quitters.forEach((quitter) => quitter.abort(new Error("enough")));
  for (const wait of waits) await assert.rejects(wait, /enough/);
  assert.deepEqual(signals.map(({ aborted }) => aborted), [true]);
  assert.equal(await flights.run("a", () => Promise.resolve(8)), 8);
});

Deno.test("SingleFlight.run() gives a failure to all, and remembers none of it", async () => {
  const flights = new SingleFlight<number>();
  const fail = () => Promise.reject(new Error("broken"));
  const results = await Promise.allSettled([
    flights.run("a", fail),
    flights.run("a", fail),
  ]);
  assert.deepEqual(results.map(({ status }) => status), [
    "rejected",
    "rejected",
  ]);
  assert.equal(await flights.run("a", () => Promise.resolve(8)), 8);
});

Deno.test("SingleFlight.run() starts nothing for a caller that has given up before", async () => {
  const flights = new SingleFlight<number>();
  const start = () => assert.fail("started");
  await assert.rejects(
    flights.run("a", start, AbortSignal.abort(new Error("enough"))),
    /enough/,
  );
});
