const SPACE = 0x20;
const ZERO = 0x30;

/**
 * Reads a numeric field: octal between blanks, or base-256 where the first bit is set (GNU).
 * A blank field is 0.
 *
 * @returns undefined where it is no number, or none that is exact in JavaScript.
 */
export function parseTarNumber(
  block: Uint8Array,
  offset: number,
  width: number,
): number | undefined {
  const first = block[offset] ?? 0;
  if ((first & 0x80) !== 0) return parseBase256(block, offset, width);
  let at = offset;
  const end = offset + width;
  while (at < end && block[at] === SPACE) at++;
  let value = 0;
  for (; at < end; at++) {
    const digit = (block[at] ?? 0) - ZERO;
    if (digit < 0 || digit > 7) break;
    value = value * 8 + digit;
  }
  for (; at < end; at++) {
    const byte = block[at] ?? 0;
    if (byte === 0) break; // Whatever follows a NUL is not part of the field.
    if (byte !== SPACE) return undefined;
  }
  return Number.isSafeInteger(value) ? value : undefined;
}

/** Two's complement, big-endian, under the marker bit. */
function parseBase256(
  block: Uint8Array,
  offset: number,
  width: number,
): number | undefined {
  const first = block[offset] ?? 0;
  const negative = (first & 0x40) !== 0;
  let value = negative ? (first & 0x7f) - 0x80 : first & 0x7f;
  for (let at = offset + 1; at < offset + width; at++) {
    value = value * 256 + (block[at] ?? 0);
    if (!Number.isSafeInteger(value)) return undefined;
  }
  return value;
}
