import { UsageError } from "../errors.ts";
import { quoteText } from "../spec/escape_text.ts";

const AGE = /^(\d{1,6})(s|m|h|d|w)?$/;
const UNIT_MS = {
  s: 1000,
  m: 60_000,
  h: 3_600_000,
  d: 86_400_000,
  w: 7 * 86_400_000,
} as const;

/**
 * Parses how old something is: `7d`, `12h`, `0` for any age.
 *
 * @returns Milliseconds.
 * @throws UsageError usage
 */
export function parseAge(text: string): number {
  const match = AGE.exec(text);
  const unit = match?.[2] as keyof typeof UNIT_MS | undefined;
  if (match !== null && (unit !== undefined || Number(match[1]) === 0)) {
    return Number(match[1]) * UNIT_MS[unit ?? "s"];
  }
  throw new UsageError(
    "usage",
    `Cannot read age ${quoteText(text)}: not a number with a unit`,
    { hint: "write it as 7d, 12h, 30m, or 0 for any age" },
  );
}
