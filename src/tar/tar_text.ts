import { archiveInvalid } from "./archive_invalid.ts";

const strict = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

const PLAIN_BYTES = 100;

/**
 * Text of an archive.
 *
 * @throws IntegrityError `archive-invalid` where it is no UTF-8, which no file call of Deno's
 * could write as it is: two such names could become one.
 */
export function decodeTarText(bytes: Uint8Array): string {
  if (bytes.length <= PLAIN_BYTES && isPlain(bytes)) {
    // For short names faster than a call into Deno. Sound: the call takes what is like an array.
    return String.fromCharCode.apply(null, bytes as unknown as number[]);
  }
  try {
    return strict.decode(bytes);
  } catch {
    const shown = new TextDecoder().decode(bytes);
    throw archiveInvalid(shown, "it has a name that is no UTF-8");
  }
}

/** Whether all of it is ASCII. */
function isPlain(bytes: Uint8Array): boolean {
  let all = 0;
  for (let at = 0; at < bytes.length; at++) all |= bytes[at] ?? 0;
  return all < 0x80;
}
