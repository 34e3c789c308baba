import assert from "node:assert/strict";
import { formatAge } from "../../src/ui/format_age.ts";
import { formatBytes, formatRate } from "../../src/ui/format_bytes.ts";
import {
  formatCountdown,
  formatDuration,
} from "../../src/ui/format_duration.ts";
import { formatTable, truncateText } from "../../src/ui/format_table.ts";

Deno.test("formatBytes() shows two or three figures of the nearest unit", () => {
  const table: readonly (readonly [number, string])[] = [
    [0, "0 B"],
    [999, "999 B"],
    [1000, "1.0 kB"],
    [3_626_897, "3.6 MB"],
    [99_949_999, "99.9 MB"],
    [99_950_000, "100 MB"],
    [999_499_999, "999 MB"],
    [999_500_000, "1.0 GB"],
    [1.5e12, "1.5 TB"],
    [Number.MAX_SAFE_INTEGER, "9.0 PB"],
    [1e20, "100000 PB"],
  ];
  for (const [bytes, text] of table) assert.equal(formatBytes(bytes), text);
  assert.equal(formatRate(8_100_000), "8.1 MB/s");
});

Deno.test("formatDuration() goes from tenths to hours", () => {
  const table: readonly (readonly [number, string])[] = [
    [-5, "0.0 s"],
    [412, "0.4 s"],
    [9_949, "9.9 s"],
    [9_950, "10 s"],
    [59_499, "59 s"],
    [59_500, "1 min"],
    [200_000, "3 min 20 s"],
    [3_599_999, "1 h"],
    [7_500_000, "2 h 5 min"],
  ];
  for (const [ms, text] of table) assert.equal(formatDuration(ms), text);
});

Deno.test("formatCountdown() shows whole seconds, never 0 before the end", () => {
  assert.equal(formatCountdown(36_001), "37 s");
  assert.equal(formatCountdown(1), "1 s");
  assert.equal(formatCountdown(-1), "0 s");
  assert.equal(formatCountdown(300_000), "5 min");
});

Deno.test("formatAge() speaks of the largest unit", () => {
  const nowMs = Date.parse("2026-03-01T12:00:00Z");
  const table: readonly (readonly [string | undefined, string])[] = [
    ["2026-03-01T11:59:30Z", "just now"],
    ["2026-03-01T11:57:00Z", "3 minutes ago"],
    ["2026-03-01T10:30:00Z", "1 hour ago"],
    ["2026-02-26T12:00:00Z", "3 days ago"],
    ["2026-02-20T12:00:00Z", "1 week ago"],
    ["2025-12-20T12:00:00Z", "2 months ago"],
    ["2023-01-01T00:00:00Z", "3 years ago"],
    ["2026-03-01T12:05:00Z", "in 5 minutes"],
    ["yesterday", "unknown"],
    [undefined, "unknown"],
  ];
  for (const [moment, text] of table) {
    assert.equal(formatAge(moment, nowMs), text);
  }
});

Deno.test("truncateText() never splits a character", () => {
  assert.equal(truncateText("abcdef", 4), "abc…");
  assert.equal(truncateText("abcd", 4), "abcd");
  assert.equal(truncateText("😀😀😀", 2), "😀…");
  assert.equal(truncateText("abc", 0), "");
});

Deno.test("formatTable() aligns columns and cuts those that may be", () => {
  const columns = [
    { title: "name", cut: "end" },
    { title: "size", align: "right" },
  ] as const;
  const rows = [["docker.io/library/alpine:3.20", "3.6 MB"], ["b", "128 MB"]];
  assert.deepEqual(formatTable(columns, rows), [
    "NAME                              SIZE",
    "docker.io/library/alpine:3.20   3.6 MB",
    "b                               128 MB",
  ]);
  assert.deepEqual(formatTable(columns, rows, { maxWidth: 25 }), [
    "NAME                 SIZE",
    "docker.io/libra…   3.6 MB",
    "b                  128 MB",
  ]);
});

Deno.test("formatTable() cuts the last column first, and keeps both ends of what is cut in its middle", () => {
  const columns = [
    { title: "name", cut: "middle" },
    { title: "platforms", cut: "end" },
    { title: "size" },
  ] as const;
  const rows = [
    ["docker.io/library/alpine:3.20", "linux/amd64, linux/arm64", "3 MB"],
    ["docker.io/library/alpine:3.21", "linux/amd64", "4 MB"],
  ];
  const cut = (maxWidth: number) => formatTable(columns, rows, { maxWidth });
  assert.deepEqual(cut(60), [
    "NAME                            PLATFORMS               SIZE",
    "docker.io/library/alpine:3.20   linux/amd64, linux/a…   3 MB",
    "docker.io/library/alpine:3.21   linux/amd64             4 MB",
  ]);
  assert.deepEqual(cut(47), [
    "NAME                        PLATFORMS      SIZE",
    "docker.io/li…/alpine:3.20   linux/amd64…   3 MB",
    "docker.io/li…/alpine:3.21   linux/amd64    4 MB",
  ]);
});
