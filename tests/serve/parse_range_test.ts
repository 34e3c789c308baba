import assert from "node:assert/strict";
import fc from "fast-check";
import { parseRange } from "../../src/serve/parse_range.ts";

Deno.test("parseRange() reads single ranges and ignores what is none", () => {
  const cases: [string | undefined, number, ReturnType<typeof parseRange>][] = [
    [undefined, 10, "whole"],
    ["bytes=0-3", 10, { start: 0, end: 4 }],
    ["bytes=4-", 10, { start: 4, end: 10 }],
    ["bytes=4-99", 10, { start: 4, end: 10 }],
    ["bytes=9-9", 10, { start: 9, end: 10 }],
    ["bytes=-3", 10, { start: 7, end: 10 }],
    ["bytes=-30", 10, { start: 0, end: 10 }],
    ["Bytes= 0-3 ", 10, { start: 0, end: 4 }],
    ["bytes=10-", 10, "unsatisfiable"],
    ["bytes=10-20", 10, "unsatisfiable"],
    ["bytes=-0", 10, "unsatisfiable"],
    ["bytes=0-", 0, "unsatisfiable"],
    ["bytes=99999999999999999999-", 10, "unsatisfiable"],
    ["bytes=5-3", 10, "whole"],
    ["bytes=0-1,3-4", 10, "whole"],
    ["bytes=-", 10, "whole"],
    ["bytes=a-b", 10, "whole"],
    ["bytes=+1-2", 10, "whole"],
    ["items=0-3", 10, "whole"],
    ["", 10, "whole"],
  ];
  for (const [header, size, expected] of cases) {
    assert.deepEqual(parseRange(header, size), expected, header);
  }
});

Deno.test("parseRange() never leaves the content, whatever the header", () => {
  const header = fc.oneof(
    fc.string(),
    fc.tuple(fc.nat(), fc.nat()).map(([a, b]) => `bytes=${a}-${b}`),
    fc.nat().map((length) => `bytes=-${length}`),
  );
  fc.assert(fc.property(header, fc.nat(), (text, size) => {
    const range = parseRange(text, size);
    if (typeof range === "string") return;
    assert.ok(0 <= range.start && range.start < range.end && range.end <= size);
  }));
});
