import { UsageError } from "../errors.ts";
import { quoteText } from "../spec/escape_text.ts";

const DURATION = /^(\d{1,9}(?:\.\d{1,3})?)(ms|s|m|h)?$/;
const UNIT_MS = { ms: 1, s: 1000, m: 60_000, h: 3_600_000 } as const;
/** Timers hold 31 bits of milliseconds; a day is beyond any use. */
const MAX_DURATION_MS = 24 * 3_600_000;

/**
 * Parses a span of time: seconds, or a number with a unit: `10`, `10s`, `500ms`, `2m`.
 *
 * @returns Milliseconds, at least 1.
 * @throws UsageError usage
 */
export function parseDuration(text: string): number {
  const match = DURATION.exec(text);
  const unit = (match?.[2] ?? "s") as keyof typeof UNIT_MS;
  const ms = match === null
    ? NaN
    : Math.round(Number(match[1]) * UNIT_MS[unit]);
  if (ms >= 1 && ms <= MAX_DURATION_MS) return ms;
  throw new UsageError(
    "usage",
    `Cannot read duration ${quoteText(text)}: not a time between 1 ms and 24 h`,
    { hint: "write seconds, or a unit: 10, 10s, 500ms, 2m" },
  );
}
