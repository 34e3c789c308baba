/** A half-open run of bytes, `start` up to but not including `end`. */
export interface ByteRange {
  /** Offset of the first byte. */
  readonly start: number;
  /** Offset behind the last byte. */
  readonly end: number;
}

/** Ranges in ascending order that neither overlap nor touch; the form all functions here keep. */
export type RangeSet = readonly ByteRange[];

/** The set with one more range in it. */
export function addRange(ranges: RangeSet, added: ByteRange): RangeSet {
  if (added.start >= added.end) return ranges;
  let { start, end } = added;
  const before: ByteRange[] = [];
  const after: ByteRange[] = [];
  for (const range of ranges) {
    if (range.end < start) before.push(range);
    else if (range.start > end) after.push(range);
    else {
      start = Math.min(start, range.start);
      end = Math.max(end, range.end);
    }
  }
  return [...before, { start, end }, ...after];
}

/** The set without the bytes of one range. */
export function subtractRange(
  ranges: RangeSet,
  removed: ByteRange,
): RangeSet {
  if (removed.start >= removed.end) return ranges;
  const rest: ByteRange[] = [];
  for (const range of ranges) {
    const { start, end } = range;
    if (end <= removed.start || start >= removed.end) {
      rest.push(range);
      continue;
    }
    if (start < removed.start) rest.push({ start, end: removed.start });
    if (removed.end < end) rest.push({ start: removed.end, end });
  }
  return rest;
}

/** The bytes of `range` that the set does not hold. */
export function rangesOutside(ranges: RangeSet, range: ByteRange): RangeSet {
  let rest: RangeSet = range.start < range.end ? [range] : [];
  for (const held of ranges) rest = subtractRange(rest, held);
  return rest;
}

/** What of a blob of `size` bytes is not there yet. */
export function missingRanges(present: RangeSet, size: number): RangeSet {
  return rangesOutside(present, { start: 0, end: size });
}

/** The set cut off at `size`. */
export function clipRanges(ranges: RangeSet, size: number): RangeSet {
  return subtractRange(ranges, { start: size, end: Infinity });
}

/** How many bytes from the very start are there without a gap. */
export function contiguousPrefix(present: RangeSet): number {
  const first = present[0];
  return first?.start === 0 ? first.end : 0;
}

/** How many bytes the set holds. */
export function totalBytes(ranges: RangeSet): number {
  return ranges.reduce((sum, { start, end }) => sum + end - start, 0);
}
