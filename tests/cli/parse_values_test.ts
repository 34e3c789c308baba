import assert from "node:assert/strict";
import { UsageError } from "../../src/errors.ts";
import { parseCount } from "../../src/cli/parse_count.ts";
import { parseDuration } from "../../src/cli/parse_duration.ts";
import { parseRate } from "../../src/cli/parse_rate.ts";

function refuses(
  parse: (text: string) => number,
  texts: readonly string[],
): void {
  for (const text of texts) {
    assert.throws(() => parse(text), (error) => {
      assert.ok(error instanceof UsageError, text);
      assert.equal(error.exitCode, 2);
      return true;
    });
  }
}

Deno.test("parseDuration() takes seconds or a unit, as milliseconds", () => {
  const table: readonly (readonly [string, number])[] = [
    ["10", 10_000],
    ["10s", 10_000],
    ["1.5s", 1_500],
    ["500ms", 500],
    ["2m", 120_000],
    ["24h", 86_400_000],
    ["0.001", 1],
  ];
  for (const [text, ms] of table) assert.equal(parseDuration(text), ms, text);
});

Deno.test("parseDuration() refuses what is no time, nothing, or beyond a day", () => {
  refuses(parseDuration, [
    "",
    "0",
    "0s",
    "-1",
    "1 s",
    "s",
    "10x",
    "1e3",
    "25h",
    "9999999999",
    "٣",
    "Infinity",
    "0.0001s",
  ]);
});

Deno.test("parseRate() takes bytes a second with powers of 1000", () => {
  const table: readonly (readonly [string, number])[] = [
    ["1", 1],
    ["500k", 500_000],
    ["20M", 20_000_000],
    ["1.5MB/s", 1_500_000],
    ["1G", 1_000_000_000],
    ["100B", 100],
  ];
  for (const [text, rate] of table) assert.equal(parseRate(text), rate, text);
});

Deno.test("parseRate() refuses what is no rate above zero", () => {
  refuses(parseRate, [
    "",
    "0",
    "0k",
    "-1M",
    "M",
    "20 M",
    "20MiB",
    "1e6",
    "0x10",
  ]);
});

Deno.test("parseCount() takes whole numbers of its range", () => {
  const parse = (text: string) => parseCount(text, { min: 1, max: 64 });
  assert.equal(parse("1"), 1);
  assert.equal(parse("064"), 64);
  refuses(parse, [
    "0",
    "65",
    "",
    "-1",
    "1.5",
    "8x",
    "1e1",
    "0x8",
    "9999999999999",
  ]);
});
