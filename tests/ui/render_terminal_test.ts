import assert from "node:assert/strict";
import fc from "fast-check";
import type { DrayEvent } from "../../src/events.ts";
import { visibleWidth } from "../../src/ui/palette.ts";
import { initialProgress } from "../../src/ui/progress_state.ts";
import { renderTerminal } from "../../src/ui/render_terminal.ts";
import {
  digestNumber,
  planned,
  play,
  progress,
  REFERENCE,
  start,
} from "./events.ts";

const VIEW = { columns: 80, rows: 24, nowMs: 2_000, color: false };

/** Two blobs under way, one through, one resumed, four to come. */
function busy() {
  return play([
    ...planned({ blobs: 7, bytes: 210_000_000, bytesReused: 34_000_000 }),
    [0, start(10, 50_000_000)],
    [0, start(11, 120_000_000, 80_000_000)],
    [0, start(12, 1_000_000)],
    [0, {
      event: "blob-done",
      digest: digestNumber(12),
      size: 1_000_000,
      status: "downloaded",
    }],
    [2_000, progress(10, 50_000_000, 8_000_000)],
    [2_000, progress(11, 120_000_000, 82_000_000)],
  ]);
}

Deno.test("renderTerminal() shows a line for each blob at work, then total and status", () => {
  assert.deepEqual(renderTerminal(busy(), VIEW), [
    "docker.io/library/alpine:3.20  linux/amd64",
    "  0a0a0a0a0a0a  ━━━━━───────────────────────────   8.0 MB / 50.0 MB    4.0 MB/s",
    "  0b0b0b0b0b0b  ━━━━━━━━━━━━━━━━━━━━━───────────   82.0 MB / 120 MB    1.0 MB/s",
    "  total         ━━━━━━━━━━━━━───────────────────   91.0 MB / 210 MB    5.5 MB/s",
    "  1 of 7 done, 4 to come, 22 s left, 34.0 MB already here",
  ]);
});

Deno.test("renderTerminal() gives up figures for per cent on 40 columns", () => {
  assert.deepEqual(renderTerminal(busy(), { ...VIEW, columns: 40 }), [
    "docker.io/library/alpine:3.20  linux/a…",
    "  0a0a0a0a0a0a  ━━───────────────   16%",
    "  0b0b0b0b0b0b  ━━━━━━━━━━━──────   68%",
    "  total         ━━━━━━━──────────   43%",
    "  1 of 7 done, 4 to come, 22 s left, 3…",
  ]);
});

Deno.test("renderTerminal() tells waits and retries in words", () => {
  const wait = { attempt: 2, reason: "rate limited", delayMs: 38_500 };
  const state = play([
    ...planned({ blobs: 3, bytes: 300 }),
    [0, start(10, 100)],
    [0, { event: "blob-retry", digest: digestNumber(10), ...wait }],
    [0, start(11, 100)],
    [0, {
      event: "blob-retry",
      digest: digestNumber(11),
      attempt: 3,
      reason: "connection broke",
      delayMs: 500,
    }],
    [0, { event: "blob-wait", digest: digestNumber(12) }],
    [0, { event: "wait", host: "registry-1.docker.io", ...wait }],
  ]);
  assert.deepEqual(renderTerminal(state, VIEW).slice(1, 5), [
    "  0a0a0a0a0a0a  waiting 37 s (rate limited), attempt 2",
    "  0b0b0b0b0b0b  trying again (connection broke), attempt 3",
    "  0c0c0c0c0c0c  another dray is fetching it",
    "  registry-1.docker.io: waiting 37 s (rate limited), attempt 2",
  ]);
});

Deno.test("renderTerminal() says that it resolves before anything is known", () => {
  const state = play([[0, { event: "resolve", reference: REFERENCE }]]);
  assert.deepEqual(renderTerminal(state, VIEW), [
    "docker.io/library/alpine:3.20  resolving",
  ]);
});

Deno.test("renderTerminal() shows nothing before the first event and after the last", () => {
  assert.deepEqual(renderTerminal(initialProgress(), VIEW), []);
  const done: DrayEvent = {
    event: "done",
    reference: REFERENCE,
    digest: digestNumber(1),
    bytesDownloaded: 1,
    bytesReused: 0,
    elapsedMs: 1,
  };
  assert.deepEqual(renderTerminal(play([[9, done]], busy()), VIEW), []);
});

Deno.test("renderTerminal() counts what earlier runs left before its turn comes", () => {
  const kept = { blobs: 2, bytes: 100, bytesKept: 70 };
  const total = (events: Parameters<typeof play>[0]): string | undefined =>
    renderTerminal(play([...planned(kept), ...events]), VIEW)
      .find((line) => line.includes("total"))?.match(/\d+ B \/ \d+ B/)?.[0];
  assert.equal(total([]), "70 B / 100 B");
  assert.equal(total([[0, start(10, 50, 40)]]), "70 B / 100 B");
  assert.equal(
    total([[0, start(10, 50, 40)], [9, progress(10, 50, 45)]]),
    "75 B / 100 B",
  );
});

Deno.test("renderTerminal() fits 200 blobs into the rows there are", () => {
  const starts = Array.from(
    { length: 200 },
    (_, index) => [0, start(index, 100)] as const,
  );
  const state = play([...planned({ blobs: 300, bytes: 30_000 }), ...starts]);
  const lines = renderTerminal(state, { ...VIEW, rows: 10 });
  assert.equal(lines.length, 8);
  assert.equal(
    lines.at(-1),
    "  0 of 300 done, 195 more at work, 100 to come",
  );
});

Deno.test("renderTerminal() escapes what comes from outside", () => {
  const state = play([
    ...planned({ blobs: 1, bytes: 100 }),
    [0, start(10, 100)],
    [0, {
      event: "blob-retry",
      digest: digestNumber(10),
      attempt: 1,
      reason: "\x1b[2J\u202e",
      delayMs: 0,
    }],
  ]);
  const text = renderTerminal(state, VIEW).join("\n");
  // deno-lint-ignore no-control-regex
  assert.doesNotMatch(text, /[\x1b\u202e]/);
  assert.match(text, /\\x1b\[2J\\u\{202e\}/);
});

Deno.test("renderTerminal() is never wider or higher than the terminal, with and without colour", () => {
  const size = fc.integer({ min: 1, max: 200 });
  fc.assert(
    fc.property(
      size,
      size,
      fc.nat(60_000),
      fc.boolean(),
      (columns, rows, nowMs, color) => {
        const lines = renderTerminal(busy(), { columns, rows, nowMs, color });
        assert.ok(lines.length <= Math.max(1, rows));
        for (const line of lines) {
          assert.ok(
            visibleWidth(line) <= columns,
            line,
          );
        }
      },
    ),
  );
});

Deno.test("renderTerminal() paints only where colour is on", () => {
  const painted = renderTerminal(busy(), { ...VIEW, color: true });
  assert.ok(painted.join("").includes("\x1b[36m━"));
  // deno-lint-ignore no-control-regex
  const bare = painted.map((line) => line.replace(/\x1b\[\d+m/g, ""));
  assert.deepEqual(bare, renderTerminal(busy(), VIEW));
});

Deno.test("renderTerminal() shows layers that are being unpacked below those that come", () => {
  const state = play([
    ...planned({ blobs: 3, bytes: 300_000_000 }),
    [0, start(10, 100_000_000)],
    // One line a layer: this one still comes.
    [0, { event: "unpack-start", digest: digestNumber(10) }],
    [0, { event: "unpack-start", digest: digestNumber(11) }],
    [0, { event: "unpack-start", digest: digestNumber(12) }],
    [0, { event: "unpack-start", digest: digestNumber(13) }],
    [0, {
      event: "unpack-progress",
      digest: digestNumber(11),
      read: 25_000_000,
      size: 50_000_000,
    }],
    [0, { event: "unpack-done", digest: digestNumber(13) }],
  ]);
  assert.deepEqual(renderTerminal(state, VIEW).slice(1, 4), [
    "  0a0a0a0a0a0a  ────────────────────────────────       0 B / 100 MB       0 B/s",
    "  0b0b0b0b0b0b  ━━━━━━━━━━━━━━━━────────────────  25.0 MB / 50.0 MB   unpacking",
    "  0c0c0c0c0c0c  unpacking",
  ]);
});
