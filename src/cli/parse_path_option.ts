import { UsageError } from "../errors.ts";
import { quoteText } from "../spec/escape_text.ts";

/**
 * Parses an option that is a path: any text but none, nor one that another path would be taken
 * for: bytes that are no UTF-8 come from the system as U+FFFD, and are lost.
 *
 * @throws UsageError usage
 */
export function parsePathOption(text: string): string {
  if (text === "") {
    throw new UsageError("usage", 'Cannot use the path "": it is empty');
  }
  if (text.includes("\ufffd")) {
    throw new UsageError(
      "usage",
      `Cannot use the path ${quoteText(text)}: it is not UTF-8`,
    );
  }
  return text;
}
