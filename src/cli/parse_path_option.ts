import { UsageError } from "../errors.ts";

/**
 * Parses an option that is a path: any text but none.
 *
 * @throws UsageError usage
 */
export function parsePathOption(text: string): string {
  if (text !== "") return text;
  throw new UsageError("usage", 'Cannot use the path "": it is empty');
}
