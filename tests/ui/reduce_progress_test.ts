import assert from "node:assert/strict";
import { bytesOnDisk } from "../../src/ui/progress_state.ts";
import { rateOf } from "../../src/ui/rate_meter.ts";
import {
  digestNumber,
  planned,
  play,
  progress,
  REFERENCE,
  start,
} from "./events.ts";

const DIGEST = digestNumber(10);

Deno.test("reduceProgress() counts what is on disk over blobs in flight and done", () => {
  const state = play([
    ...planned({ blobs: 2, bytes: 300 }),
    [1, start(10, 100)],
    [1, start(11, 200, 50)],
    [2, progress(10, 100, 60)],
    [3, {
      event: "blob-done",
      digest: DIGEST,
      size: 100,
      status: "downloaded",
    }],
  ]);
  assert.equal(bytesOnDisk(state), 150);
  assert.deepEqual(state.finished, { blobs: 1, bytes: 100, resumed: 0 });
  assert.equal(state.transferred, 100);
});

Deno.test("reduceProgress() doesn't count kept bytes of an earlier run as speed", () => {
  const state = play([
    ...planned({ blobs: 1, bytes: 1_000_000 }),
    [0, start(10, 1_000_000, 900_000)],
    [1000, progress(10, 1_000_000, 910_000)],
  ]);
  assert.equal(rateOf(state.meter, 1000), 10_000);
  assert.equal(
    rateOf(state.blobs.get(DIGEST)?.meter ?? state.meter, 1000),
    10_000,
  );
});

Deno.test("reduceProgress() doesn't count the wait for another process as slow time", () => {
  const state = play([
    ...planned({ blobs: 1, bytes: 1_000_000 }),
    [0, { event: "blob-wait", digest: DIGEST }],
    [60_000, start(10, 1_000_000, 200_000)],
    [61_000, progress(10, 1_000_000, 300_000)],
  ]);
  assert.equal(rateOf(state.meter, 61_000), 100_000);
});

Deno.test("reduceProgress() keeps the speed above zero when a blob starts again from zero", () => {
  const state = play([
    ...planned({ blobs: 1, bytes: 1000 }),
    [0, start(10, 1000)],
    [500, progress(10, 1000, 800)],
    [600, progress(10, 1000, 0)],
    [1000, progress(10, 1000, 100)],
  ]);
  assert.equal(state.transferred, 900);
  assert.equal(bytesOnDisk(state), 100);
  assert.equal(rateOf(state.meter, 1000), 900);
});

Deno.test("reduceProgress() forgets a retry when bytes arrive again", () => {
  const retried = play([
    ...planned({ blobs: 1, bytes: 100 }),
    [1, start(10, 100)],
    [2, {
      event: "blob-retry",
      digest: DIGEST,
      attempt: 2,
      reason: "reset",
      delayMs: 50,
    }],
  ]);
  assert.deepEqual(retried.blobs.get(DIGEST)?.retry, {
    attempt: 2,
    reason: "reset",
    untilMs: 52,
  });
  const going = play([[60, progress(10, 100, 5)]], retried);
  assert.equal(going.blobs.get(DIGEST)?.retry, undefined);
});

Deno.test("reduceProgress() leaves blobs that were here out of the transfers", () => {
  const state = play([
    ...planned({ blobs: 1, bytes: 100, bytesReused: 50 }),
    [1, {
      event: "blob-done",
      digest: digestNumber(11),
      size: 50,
      status: "reused",
    }],
  ]);
  assert.deepEqual(state.finished, { blobs: 0, bytes: 0, resumed: 0 });
});

Deno.test("reduceProgress() counts a blob that another process fetched as done, not as transferred", () => {
  const state = play([
    ...planned({ blobs: 1, bytes: 100 }),
    [1, { event: "blob-wait", digest: DIGEST }],
    [2, { event: "blob-done", digest: DIGEST, size: 100, status: "reused" }],
  ]);
  assert.equal(state.finished.blobs, 1);
  assert.equal(bytesOnDisk(state), 100);
  assert.equal(state.transferred, 0);
});

Deno.test("reduceProgress() starts afresh with each reference", () => {
  const state = play([
    ...planned({ blobs: 1, bytes: 100 }),
    [1, start(10, 100)],
    [2, { event: "resolve", reference: "quay.io/a/b:c" }],
  ]);
  assert.equal(state.reference, "quay.io/a/b:c");
  assert.equal(state.blobs.size, 0);
  assert.equal(state.plan, undefined);
});

Deno.test("reduceProgress() doesn't change the state it is given", () => {
  const before = play([...planned({ blobs: 1, bytes: 100 }), [
    1,
    start(10, 100),
  ]]);
  const copy = structuredClone(before);
  play([
    [2, progress(10, 100, 50)],
    [3, {
      event: "blob-done",
      digest: DIGEST,
      size: 100,
      status: "downloaded",
    }],
    [4, {
      event: "done",
      reference: REFERENCE,
      digest: DIGEST,
      bytesDownloaded: 100,
      bytesReused: 0,
      elapsedMs: 4,
    }],
  ], before);
  assert.deepEqual(before, copy);
});
