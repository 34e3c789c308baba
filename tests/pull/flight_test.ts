import assert from "node:assert/strict";
import type { BlobOutcome } from "../../src/pull/blob_outcome.ts";
import { Flight, type FlightControls } from "../../src/pull/flight.ts";

const OUTCOME: BlobOutcome = {
  status: "downloaded",
  bytesReceived: 5,
  bytesReused: 0,
};

/** A flight that lands when told to, or rejects with what it is aborted with. */
function startFlight() {
  const landing = Promise.withResolvers<BlobOutcome>();
  const started = Promise.withResolvers<FlightControls>();
  const flight = new Flight("a", 100, (controls) => {
    started.resolve(controls);
    controls.signal.addEventListener(
      "abort",
      () => landing.reject(controls.signal.reason),
    );
    return landing.promise;
  });
  return {
    flight,
    started: started.promise,
    land: () => landing.resolve(OUTCOME),
  };
}

Deno.test("Flight tells every passenger, each listener once", async () => {
  const { flight, started, land } = startFlight();
  const heard: string[] = [];
  const onEvent = ({ event }: { event: string }) => void heard.push(event);
  const boarding = [flight.board({ onEvent }), flight.board({ onEvent })];
  const { emit, onDisk } = await started;
  emit({ event: "warning", message: "x" });
  assert.deepEqual(heard, ["warning"]);
  assert.equal(flight.outstanding, 100);
  onDisk(30);
  assert.equal(flight.outstanding, 70);
  land();
  assert.deepEqual(await Promise.all(boarding), [OUTCOME, OUTCOME]);
});

Deno.test("Flight goes on for those who stay, and ends when the last one leaves", async () => {
  const { flight, started } = startFlight();
  const [first, second] = [new AbortController(), new AbortController()];
  const boarding = [first, second].map(({ signal }) =>
    flight.board({ signal })
  );
  const { signal } = await started;
  first.abort(new Error("first"));
  await assert.rejects(boarding[0] ?? Promise.resolve(), /first/);
  assert.equal(signal.aborted, false);
  second.abort(new Error("second"));
  assert.ok(flight.isAbandoned);
  await assert.rejects(boarding[1] ?? Promise.resolve(), /second/);
  await flight.ended();
});
