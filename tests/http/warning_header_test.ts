import { deepEqual, equal } from "node:assert/strict";
import fc from "fast-check";
import { parseWarnings } from "../../src/http/warning_header.ts";

Deno.test("parseWarnings() gives the texts of warnings", () => {
  const cases: readonly (readonly [string | null, readonly string[]])[] = [
    [null, []],
    ["", []],
    ['299 - "this repository moves"', ["this repository moves"]],
    [
      '299 - "a", 299 reg.example:5000 "b, \\"c\\"" "Sun, 06 Nov 1994 08:49:37 GMT"',
      ["a", 'b, "c"'],
    ],
    ['299 - "a" rubbish, 299 - "b"', []],
    ['299 - "a", rubbish', ["a"]],
    ['29 - "a"', []],
    ['299 "a"', []],
    ['299 - "a', []],
    ["299 - a", []],
  ];
  for (const [value, expected] of cases) {
    deepEqual(parseWarnings(value), expected, String(value));
  }
});

Deno.test("parseWarnings() reads back any texts", () => {
  fc.assert(fc.property(fc.array(fc.string(), { maxLength: 5 }), (texts) => {
    deepEqual(parseWarnings(texts.map(formatWarning).join(", ")), texts);
  }));
});

Deno.test("parseWarnings() never throws", () => {
  fc.assert(
    fc.property(
      fc.string({ unit: fc.constantFrom(...'29 -",\\a') }),
      (text) => {
        parseWarnings(text);
      },
    ),
  );
});

Deno.test("parseWarnings() takes time linear in a hostile header", () => {
  for (
    const unit of ['299 - "', '299 - "a" ', "\\", '"', '299 - "\\', " ", "9"]
  ) {
    const start = performance.now();
    parseWarnings(unit.repeat(16_000 / unit.length));
    // Far more than it takes, on a busy machine too; quadratic would take minutes.
    equal(performance.now() - start < 5000, true, unit);
    deepEqual(parseWarnings(unit.repeat(100_000)), []);
  }
});

/** Writes a warning that can be read back. */
function formatWarning(text: string): string {
  return `299 - "${text.replace(/["\\]/g, "\\$&")}"`;
}
