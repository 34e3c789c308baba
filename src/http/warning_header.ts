/** More than any registry sends, and little enough to show. */
const MAX_HEADER_LENGTH = 16_384;

/**
 * The texts of a `Warning` header (RFC 7234, section 5.5; a registry sends
 * `299 - "text"`). Values that break the grammar end the list. The texts come
 * from outside: escape them before they are shown.
 */
export function parseWarnings(value: string | null): readonly string[] {
  const texts: string[] = [];
  if (value === null || value.length > MAX_HEADER_LENGTH) return texts;
  // warn-code SP warn-agent SP quoted-string [ SP quoted date ]
  const item =
    /[ \t]*\d{3} [^\s",]{1,255} "((?:[^"\\]|\\.)*)"(?: "[^"]*")?[ \t]*(?:,|$)/y;
  for (
    let match = item.exec(value);
    match !== null;
    match = item.exec(value)
  ) {
    texts.push((match[1] ?? "").replace(/\\(.)/gs, "$1"));
    if (item.lastIndex >= value.length) break;
  }
  return texts;
}
