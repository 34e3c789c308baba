import assert from "node:assert/strict";
import type { DrayEvent } from "../../src/events.ts";
import {
  openProgressDisplay,
  type ProgressMode,
} from "../../src/ui/progress_display.ts";
import { digestNumber, planned, progress, REFERENCE, start } from "./events.ts";

/** What a display writes for events, each with its moment in ms. */
async function written(
  mode: ProgressMode,
  timeline: readonly (readonly [number, DrayEvent])[],
  wallClock: (monotonicMs: number) => number = (ms) => ms,
): Promise<string> {
  let nowMs = 0;
  let text = "";
  using display = await openProgressDisplay(mode, {
    surface: {
      write: (piece) => text += piece,
      size: () => ({ columns: 80, rows: 24 }),
    },
    now: () => wallClock(nowMs),
    monotonicNow: () => nowMs,
    color: false,
  });
  for (const [atMs, event] of timeline) {
    nowMs = atMs;
    display.listener(event);
  }
  return text;
}

function done(bytesDownloaded: number, bytesReused: number): DrayEvent {
  return {
    event: "done",
    reference: REFERENCE,
    digest: digestNumber(1),
    bytesDownloaded,
    bytesReused,
    elapsedMs: 4_100,
  };
}

const PULL: readonly (readonly [number, DrayEvent])[] = [
  ...planned({
    blobs: 2,
    bytes: 12_300_000,
    bytesKept: 4_000_000,
    bytesReused: 34_000_000,
  }),
  [0, start(10, 2_300_000)],
  [0, start(11, 10_000_000, 4_000_000)],
  [100, {
    event: "blob-retry",
    digest: digestNumber(10),
    attempt: 2,
    reason: "connection broke",
    delayMs: 1_200,
  }],
  [1_500, progress(10, 2_300_000, 2_000_000)],
  [1_600, progress(10, 2_300_000, 2_100_000)],
  [1_700, {
    event: "blob-done",
    digest: digestNumber(10),
    size: 2_300_000,
    status: "downloaded",
  }],
  [2_000, { event: "warning", message: "mirror \x1b is down" }],
  [3_500, {
    event: "blob-done",
    digest: digestNumber(11),
    size: 10_000_000,
    status: "resumed",
  }],
  [4_100, done(8_300_000, 34_000_000)],
];

Deno.test("the plain display writes a line for each event that matters", async () => {
  assert.deepEqual((await written("plain", PULL)).split("\n"), [
    "docker.io/library/alpine:3.20: resolving",
    "docker.io/library/alpine:3.20: 2 blobs, 8.3 MB to download, 4.0 MB kept, 34.0 MB already here",
    "0b0b0b0b0b0b: resuming at 4.0 MB of 10.0 MB",
    "0a0a0a0a0a0a: waiting 2 s (connection broke), attempt 2",
    "6.0 MB of 12.3 MB (48%), 1.3 MB/s, 5 s left",
    "0a0a0a0a0a0a: downloaded 2.3 MB",
    "dray: warning: mirror \\x1b is down",
    "0b0b0b0b0b0b: resumed 10.0 MB",
    "docker.io/library/alpine:3.20: 8.3 MB in 4.1 s (2.0 MB/s), 2 blobs, 1 resumed, 34.0 MB already here",
    "",
  ]);
});

Deno.test("the plain display writes at most one progress line a second, and fewer later", async () => {
  const events = Array.from(
    { length: 6_000 },
    (_, index) => [index * 10, progress(10, 1e9, index * 1000)] as const,
  );
  const text = await written("plain", [
    ...planned({ blobs: 1, bytes: 1e9 }),
    [0, start(10, 1e9)],
    ...events,
  ]);
  const lines = text.split("\n").filter((line) => line.includes("%"));
  assert.ok(lines.length >= 5 && lines.length <= 15, `${lines.length} lines`);
});

Deno.test("the plain display writes at most one line a second of a sort, however many layers", async () => {
  const blobs = Array.from({ length: 200 }, (_, index) => index);
  const text = await written("plain", [
    ...planned({ blobs: 200, bytes: 200 }),
    ...blobs.map((blob) => [blob, start(blob, 1, 1)] as const),
    ...blobs.map((blob) =>
      [blob * 10, {
        event: "blob-retry",
        digest: digestNumber(blob),
        attempt: 1,
        reason: "connection broke",
        delayMs: 100,
      }] as const
    ),
    ...blobs.map((blob) =>
      [2_000 + blob * 10, {
        event: "blob-done",
        digest: digestNumber(blob),
        size: 1,
        status: "downloaded",
      }] as const
    ),
  ]);
  const lines = text.trimEnd().split("\n").slice(2);
  assert.equal(lines.filter((line) => line.includes("resuming")).length, 1);
  assert.equal(lines.filter((line) => line.includes("waiting")).length, 2);
  assert.equal(lines.filter((line) => line.includes("downloaded")).length, 2);
  assert.equal(lines.length, 5);
});

Deno.test("the plain display shows each wait that has another reason, however soon", async () => {
  const wait = { event: "wait", attempt: 1, delayMs: 37_000 } as const;
  const text = await written("plain", [
    [0, { ...wait, host: "a.io", reason: "connection broke" }],
    [1, { ...wait, host: "a.io", reason: "rate limited" }],
    [2, { ...wait, host: "b.io", reason: "rate limited" }],
    [3, { ...wait, host: "b.io", reason: "rate limited" }],
  ]);
  assert.deepEqual(text.trimEnd().split("\n"), [
    "a.io: waiting 37 s (connection broke), attempt 1",
    "a.io: waiting 37 s (rate limited), attempt 1",
    "b.io: waiting 37 s (rate limited), attempt 1",
  ]);
});

Deno.test("the plain display says which hosts served the blobs, and of many a few", async () => {
  const end = async (sources: readonly string[]): Promise<string> => {
    const text = await written("plain", [
      ...planned({ blobs: 1, bytes: 10 }),
      [9, {
        event: "blob-done",
        digest: digestNumber(10),
        size: 10,
        status: "downloaded",
      }],
      [9, { ...done(10, 0), sources } as DrayEvent],
    ]);
    return text.trimEnd().split("\n").at(-1) ?? "";
  };
  assert.match(await end([]), /: 10 B in 4\.1 s/);
  assert.match(
    await end(["m.io"]),
    /: 10 B from m\.io in 4\.1 s \(2 B\/s\), 1 blob$/,
  );
  assert.match(await end(["a", "b", "c", "d"]), /from a, b, c, 1 more in/);
});

Deno.test("the plain display says when there was nothing to download", async () => {
  const text = await written("plain", [
    ...planned({ blobs: 0, bytes: 0, bytesReused: 34_000_000 }),
    [9, done(1_000, 34_000_000)],
  ]);
  assert.match(
    text,
    /alpine:3\.20: nothing to download \(34\.0 MB already here\)\n$/,
  );
});

Deno.test("the plain display says of a dry run what would come, and of no end", async () => {
  const text = await written("plain", [
    ...planned({ blobs: 2, bytes: 300 }),
    [9, done(1_000, 0)],
  ]);
  assert.match(text, /alpine:3\.20: 2 blobs, 300 B to download\n$/);
});

Deno.test("the plain display goes on at its pace when the clock is set back or ahead", async () => {
  const text = await written("plain", PULL);
  for (const jumpMs of [-86_400_000, 86_400_000]) {
    const jump = (ms: number): number => ms < 1_550 ? ms : ms + jumpMs;
    assert.equal(await written("plain", PULL, jump), text);
  }
});

Deno.test("the JSON display writes each event with its moment", async () => {
  const lines = (await written("json", PULL)).trimEnd().split("\n");
  assert.equal(lines.length, PULL.length);
  assert.deepEqual(JSON.parse(lines[4] ?? ""), {
    event: "blob-start",
    at: "1970-01-01T00:00:00.000Z",
    digest: digestNumber(10),
    size: 2_300_000,
    offset: 0,
  });
  for (const line of lines) {
    assert.match(JSON.parse(line).at, /^1970-01-01T00:00:0\d\.\d{3}Z$/);
  }
});

Deno.test("the JSON display leaves no character that a terminal acts on", async () => {
  const message = "\x1b\x7f\x9b\u202e\u2028\u{e0001}";
  const text = await written("json", [[0, { event: "warning", message }]]);
  assert.doesNotMatch(text.trimEnd(), /[\p{Cc}\p{Cf}\p{Zl}]/u);
  assert.equal(JSON.parse(text).message, message);
});

Deno.test("no display but warnings still show", async () => {
  assert.equal(
    await written("none", PULL),
    "dray: warning: mirror \\x1b is down\n",
  );
});
