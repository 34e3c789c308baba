import { UsageError } from "../errors.ts";
import { quoteText } from "../spec/escape_text.ts";

/**
 * Parses an option that is a path. Bytes of an argument that are no UTF-8 reach a program as
 * U+FFFD, and can't be had back: a path with that may be another one than was meant, so it is
 * refused, as an empty one is. A name that really has that character can't be told from it.
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
      `Cannot use the path ${quoteText(text)}: it is not UTF-8, or has U+FFFD`,
    );
  }
  return text;
}
