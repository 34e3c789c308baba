import { UsageError } from "../errors.ts";
import { quoteText } from "../spec/escape_text.ts";

const RATE = /^(\d{1,12}(?:\.\d{1,3})?)([kmg]?)b?(?:\/s)?$/i;
const FACTORS = { "": 1, k: 1000, m: 1000 ** 2, g: 1000 ** 3 } as const;

/**
 * Parses a speed limit in bytes a second, with powers of 1000 as everywhere in dray's
 * output: `500k`, `20M`, `1.5MB/s`.
 *
 * @throws UsageError usage
 */
export function parseRate(text: string): number {
  const match = RATE.exec(text);
  const unit = (match?.[2] ?? "").toLowerCase() as keyof typeof FACTORS;
  const rate = match === null
    ? NaN
    : Math.round(Number(match[1]) * FACTORS[unit]);
  if (rate >= 1) return rate;
  throw new UsageError(
    "usage",
    `Cannot read rate ${
      quoteText(text)
    }: not a number of bytes a second above 0`,
    { hint: "write bytes a second, or a unit: 500k, 20M, 1G" },
  );
}
