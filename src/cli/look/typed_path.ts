import { decodeTarText } from "../../tar/tar_text.ts";

/** Bytes as `dray ls` shows those that are no UTF-8. */
const SHOWN_BYTES = /(\\x[89a-f][0-9a-f])+/g;

/**
 * The path that a user means. A name that is no UTF-8 can't be typed, so it is taken as
 * `dray ls` shows it: `caf\xe9`.
 */
export function typedPath(text: string): string {
  return text.replace(SHOWN_BYTES, (shown) => {
    const bytes = Uint8Array.fromHex(shown.replaceAll("\\x", ""));
    const decoded = decodeTarText(bytes);
    // What is UTF-8 is never shown so: the file has backslashes in its name.
    return decoded.isWellFormed() ? shown : decoded;
  });
}
