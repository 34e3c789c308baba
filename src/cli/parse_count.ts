import { UsageError } from "../errors.ts";
import { quoteText } from "../spec/escape_text.ts";

/** What {@linkcode parseCount} takes. */
export interface CountRange {
  readonly min: number;
  readonly max: number;
}

/**
 * Parses a whole number of an option.
 *
 * @throws UsageError usage
 */
export function parseCount(text: string, range: CountRange): number {
  const value = /^\d{1,9}$/.test(text) ? Number(text) : NaN;
  if (value >= range.min && value <= range.max) return value;
  throw new UsageError(
    "usage",
    `Cannot read number ${
      quoteText(text)
    }: not a whole number from ${range.min} to ${range.max}`,
  );
}
