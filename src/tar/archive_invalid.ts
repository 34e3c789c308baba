import { IntegrityError } from "../errors.ts";
import { excerptText, quoteText } from "../spec/escape_text.ts";

/**
 * The error for an archive that breaks the format, or that two readers could read in two ways.
 *
 * @param what Names the entry or the part: outside text is fine.
 * @param why Says what is wrong with it; may quote outside text.
 */
export function archiveInvalid(what: string, why: string): IntegrityError {
  return new IntegrityError(
    "archive-invalid",
    `Cannot read archive entry ${quoteText(what)}: ${excerptText(why)}`,
  );
}
