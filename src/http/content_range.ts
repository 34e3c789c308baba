/** What a `Content-Range` of bytes says (RFC 9110, section 14.4). */
export interface ContentRange {
  /** Half-open, as everywhere in this program; the header names the last byte. */
  readonly start: number;
  readonly end: number;
  /** Size of the whole in bytes; missing where the server doesn't know (`*`). */
  readonly total?: number;
}

const CONTENT_RANGE = /^bytes[ \t]+(\d{1,16})-(\d{1,16})\/(\d{1,16}|\*)$/i;

/** Reads a `Content-Range`; undefined where it is missing, malformed or contradicts itself. */
export function findContentRange(
  value: string | null,
): ContentRange | undefined {
  const match = CONTENT_RANGE.exec(value?.trim() ?? "");
  if (match === null) return undefined;
  const [, first, last, whole] = match;
  const start = Number(first);
  const end = Number(last) + 1;
  if (end <= start || !Number.isSafeInteger(end)) return undefined;
  if (whole === "*") return { start, end };
  const total = Number(whole);
  if (total < end || !Number.isSafeInteger(total)) return undefined;
  return { start, end, total };
}

/** The value of a `Range` header for a run of bytes. */
export function formatRange(
  range: { readonly start: number; readonly end: number },
): string {
  return `bytes=${range.start}-${range.end - 1}`;
}
