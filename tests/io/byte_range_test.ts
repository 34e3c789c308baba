import assert from "node:assert/strict";
import fc from "fast-check";
import {
  addRange,
  type ByteRange,
  clipRanges,
  contiguousPrefix,
  missingRanges,
  type RangeSet,
  rangesOutside,
  subtractRange,
  totalBytes,
} from "../../src/io/byte_range.ts";

const SIZE = 40;
const range: fc.Arbitrary<ByteRange> = fc
  .tuple(fc.nat(SIZE), fc.nat(SIZE))
  .map(([a, b]) => ({ start: Math.min(a, b), end: Math.max(a, b) }));
const rangeSet = fc.array(range, { maxLength: 8 })
  .map((ranges) => ranges.reduce<RangeSet>(addRange, []));

function bytesOf(ranges: RangeSet): Set<number> {
  const bytes = new Set<number>();
  for (const { start, end } of ranges) {
    for (let at = start; at < end; at++) bytes.add(at);
  }
  return bytes;
}

function mustBeCanonical(ranges: RangeSet): void {
  ranges.forEach(({ start, end }, position) => {
    assert.ok(start < end);
    const before = ranges[position - 1];
    assert.ok(before === undefined || before.end < start, "ranges touch");
  });
}

Deno.test("addRange() holds the bytes of both, and keeps ranges apart", () => {
  fc.assert(fc.property(rangeSet, range, (set, added) => {
    const sum = addRange(set, added);
    mustBeCanonical(sum);
    assert.deepEqual(bytesOf(sum), bytesOf([...set, added]));
  }));
});

Deno.test("subtractRange() takes out exactly those bytes", () => {
  fc.assert(fc.property(rangeSet, range, (set, removed) => {
    const rest = subtractRange(set, removed);
    mustBeCanonical(rest);
    assert.deepEqual(
      bytesOf(rest),
      bytesOf(set).difference(bytesOf([removed])),
    );
  }));
});

Deno.test("rangesOutside() is what of a range the set does not hold", () => {
  fc.assert(fc.property(rangeSet, range, (set, asked) => {
    const outside = rangesOutside(set, asked);
    mustBeCanonical(outside);
    assert.deepEqual(
      bytesOf(outside),
      bytesOf([asked]).difference(bytesOf(set)),
    );
  }));
});

Deno.test("missingRanges() and the set are all of the blob, and nothing twice", () => {
  fc.assert(fc.property(rangeSet, (set) => {
    const missing = missingRanges(set, SIZE);
    assert.equal(totalBytes(missing) + totalBytes(set), SIZE);
    assert.equal(bytesOf([...missing, ...set]).size, SIZE);
  }));
});

Deno.test("clipRanges() keeps what is below the size", () => {
  fc.assert(fc.property(rangeSet, fc.nat(SIZE), (set, size) => {
    const clipped = clipRanges(set, size);
    mustBeCanonical(clipped);
    const below = [...bytesOf(set)].filter((at) => at < size);
    assert.deepEqual(bytesOf(clipped), new Set(below));
  }));
});

Deno.test("contiguousPrefix() is where the first gap begins", () => {
  fc.assert(fc.property(rangeSet, (set) => {
    const bytes = bytesOf(set);
    let first = 0;
    while (bytes.has(first)) first++;
    assert.equal(contiguousPrefix(set), first);
  }));
});

Deno.test("a range without bytes changes nothing, also inside another", () => {
  const set = [{ start: 0, end: 4 }];
  const empty = { start: 3, end: 3 };
  assert.deepEqual(subtractRange(set, empty), set);
  assert.deepEqual(addRange(set, empty), set);
  assert.deepEqual(rangesOutside(set, empty), []);
});
