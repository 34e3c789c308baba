/** Bytes that are no UTF-8, as `decodeTarText` keeps them. */
const LONE_SURROGATE = /\p{Cs}/gu;

/**
 * A name or the target of a link as this program can write it: Deno's file calls take text only,
 * so a byte that is no UTF-8 becomes `\xe9`. The sidecar tells the name as it was.
 */
export function diskText(text: string): string {
  if (text.isWellFormed()) return text;
  return text.replace(
    LONE_SURROGATE,
    (unit) => `\\x${(unit.charCodeAt(0) & 0xff).toString(16).padStart(2, "0")}`,
  );
}
