import { deepEqual, equal } from "node:assert/strict";
import fc from "fast-check";
import { findContentRange, formatRange } from "../../src/http/content_range.ts";

Deno.test("findContentRange() reads what servers send", () => {
  deepEqual(findContentRange("bytes 0-499/1234"), {
    start: 0,
    end: 500,
    total: 1234,
  });
  deepEqual(findContentRange("Bytes  5-5/*"), { start: 5, end: 6 });
  deepEqual(findContentRange("bytes 0-9007199254740990/*"), {
    start: 0,
    end: 9007199254740991,
  });
});

Deno.test("findContentRange() finds nothing in what is malformed or contradicts itself", () => {
  const values = [
    null,
    "",
    "bytes */1234",
    "bytes 5-4/10",
    "bytes 0-10/10",
    "bytes 0-499",
    "bytes -5/10",
    "bytes 0-/10",
    "bytes=0-4/10",
    "items 0-4/10",
    "bytes 0-4/10, bytes 5-6/10",
    "bytes 0-9007199254740991/9007199254740993",
    "bytes 0x0-4/10",
    "bytes 1e1-20/30",
  ];
  for (const value of values) {
    equal(findContentRange(value), undefined, String(value));
  }
});

Deno.test("findContentRange() reads back any range", () => {
  const range = fc.tuple(
    fc.nat(),
    fc.nat(),
    fc.option(fc.nat(), { nil: undefined }),
  );
  fc.assert(fc.property(range, ([start, length, rest]) => {
    const end = start + length + 1;
    const total = rest === undefined ? {} : { total: end + rest };
    const value = `bytes ${start}-${end - 1}/${total.total ?? "*"}`;
    deepEqual(findContentRange(value), { start, end, ...total });
    equal(formatRange({ start, end }), `bytes=${start}-${end - 1}`);
  }));
});

Deno.test("findContentRange() never throws, nor gives a range that is empty or beyond the whole", () => {
  fc.assert(
    fc.property(
      fc.oneof(fc.string(), fc.stringMatching(/^bytes \d*-\d*\/\d*$/)),
      (value) => {
        const found = findContentRange(value);
        if (found === undefined) return;
        equal(
          found.start < found.end && found.end <= (found.total ?? Infinity),
          true,
        );
      },
    ),
  );
});
