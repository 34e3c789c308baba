import { archiveInvalid } from "./archive_invalid.ts";

/** Records of a PAX extended header, in order: a key may stand twice (GNU sparse 0.0). */
export type PaxRecords = readonly (readonly [key: string, value: Uint8Array])[];

const SPACE = 0x20;
const EQUALS = 0x3d;
const NEWLINE = 0x0a;
/** Digits of a record's length: more would be more bytes than any header may have. */
const MAX_LENGTH_DIGITS = 10;
const decoder = new TextDecoder();

/**
 * Reads `LENGTH KEY=VALUE\n` records (POSIX pax, "pax Extended Header").
 *
 * @throws IntegrityError `archive-invalid` for a record that doesn't fit its length.
 */
export function parsePax(bytes: Uint8Array): PaxRecords {
  const records: (readonly [string, Uint8Array])[] = [];
  let at = 0;
  while (at < bytes.length) {
    const space = bytes.indexOf(SPACE, at);
    const length = space < 0 ? 0 : parseLength(bytes, at, space);
    const end = at + length;
    const equals = bytes.indexOf(EQUALS, space + 1);
    if (
      length === 0 || end > bytes.length || bytes[end - 1] !== NEWLINE ||
      equals <= space + 1 || equals >= end
    ) {
      throw archiveInvalid("PAX header", "a record of it is cut or garbled");
    }
    const key = decoder.decode(bytes.subarray(space + 1, equals));
    records.push([key, bytes.slice(equals + 1, end - 1)]);
    at = end;
  }
  return records;
}

function parseLength(bytes: Uint8Array, from: number, to: number): number {
  if (to - from > MAX_LENGTH_DIGITS) return 0;
  let value = 0;
  for (let at = from; at < to; at++) {
    const digit = (bytes[at] ?? 0) - 0x30;
    if (digit < 0 || digit > 9) return 0;
    value = value * 10 + digit;
  }
  return value;
}
