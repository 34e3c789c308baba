import { equal } from "node:assert/strict";
import fc from "fast-check";
import { findRetryAfter } from "../../src/http/retry_after.ts";

const NOW = Date.UTC(2026, 0, 1, 12, 0, 0);

Deno.test("findRetryAfter() reads seconds and dates", () => {
  const cases: readonly (readonly [string, number])[] = [
    ["1", 1_000],
    [" 37 ", 37_000],
    ["1.5", 1_500],
    ["99999999", 99_999_999_000],
    ["99999999999999999", Number.MAX_SAFE_INTEGER],
    ["9".repeat(400), Number.MAX_SAFE_INTEGER],
    ["Thu, 01 Jan 2026 12:01:00 GMT", 60_000],
  ];
  for (const [text, expected] of cases) {
    equal(findRetryAfter(text, NOW), expected, text);
  }
});

Deno.test("findRetryAfter() finds nothing of use in absurd values", () => {
  const texts = [
    null,
    "",
    "0",
    "-1",
    "1e3",
    "+5",
    "0x10",
    "soon",
    "12 seconds",
    "Thu, 01 Jan 1970 00:00:00 GMT",
    "Thu, 01 Jan 2026 12:00:00 GMT",
  ];
  for (const text of texts) {
    equal(findRetryAfter(text, NOW), undefined, String(text));
  }
});

Deno.test("findRetryAfter() gives a positive number of ms or nothing", () => {
  fc.assert(
    fc.property(
      fc.oneof(fc.string(), fc.integer().map(String)),
      fc.integer(),
      (text, now) => {
        const delayMs = findRetryAfter(text, now);
        equal(
          delayMs === undefined || (Number.isFinite(delayMs) && delayMs > 0),
          true,
        );
      },
    ),
  );
});

Deno.test("findRetryAfter() reads back any date ahead", () => {
  fc.assert(fc.property(fc.integer({ min: 1, max: 1_000_000 }), (seconds) => {
    equal(
      findRetryAfter(new Date(NOW + seconds * 1000).toUTCString(), NOW),
      seconds * 1000,
    );
  }));
});
