/**
 * Controls, invisible format characters (bidi overrides, zero width), line and
 * paragraph separators, and halves of surrogate pairs: whatever could move a
 * cursor, forge a line or hide text.
 */
const UNSAFE = /[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/gu;

/** Longest piece of outside text that an error message quotes, in UTF-16 units. */
const MAX_QUOTED_LENGTH = 300;

/**
 * Makes text from outside safe to print: control, bidi and other invisible
 * characters become `\x1b` or `\u{202e}`.
 *
 * @param untrusted A tag, a header, a registry's message; any length.
 * @returns One line of printable text.
 */
export function escapeText(untrusted: string): string {
  return untrusted.replace(UNSAFE, escapeCharacter);
}

/**
 * Text from outside as {@linkcode escapeText} makes it, cut where it is long.
 *
 * @param untrusted Text of any length.
 */
export function excerptText(untrusted: string): string {
  return untrusted.length > MAX_QUOTED_LENGTH
    ? `${escapeText(untrusted.slice(0, MAX_QUOTED_LENGTH))}…`
    : escapeText(untrusted);
}

/**
 * Puts text from outside between quotation marks for an error message: escaped,
 * and cut where it is long.
 *
 * @param untrusted Text of any length.
 */
export function quoteText(untrusted: string): string {
  return `"${excerptText(untrusted).replaceAll('"', '\\"')}"`;
}

function escapeCharacter(character: string): string {
  const unit = character.codePointAt(0) ?? 0;
  // A byte of a name that is no UTF-8 (see `decodeTarText`).
  const code = unit >= 0xdc80 && unit <= 0xdcff ? unit - 0xdc00 : unit;
  const hex = code.toString(16);
  return code <= 0xff ? `\\x${hex.padStart(2, "0")}` : `\\u{${hex}}`;
}
