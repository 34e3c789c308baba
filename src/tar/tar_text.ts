import { archiveInvalid } from "./archive_invalid.ts";

const strict = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

/**
 * Text of an archive.
 *
 * @throws IntegrityError `archive-invalid` where it is no UTF-8, which no file call of Deno's
 * could write as it is: two such names could become one.
 */
export function decodeTarText(bytes: Uint8Array): string {
  try {
    return strict.decode(bytes);
  } catch {
    const shown = new TextDecoder().decode(bytes);
    throw archiveInvalid(shown, "it has a name that is no UTF-8");
  }
}
