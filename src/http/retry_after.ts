import { findHttpDate } from "./http_date.ts";

/**
 * How long a `Retry-After` asks to wait, in ms, or undefined where it says
 * nothing of use: missing, malformed, negative, zero or in the past.
 *
 * @param value The header.
 * @param now The answer's own clock in ms where it sent one (`Date`), so that a wrong local clock does no harm.
 */
export function findRetryAfter(
  value: string | null,
  now: number,
): number | undefined {
  const text = value?.trim() ?? "";
  const delayMs = /^\d+(\.\d{1,6})?$/.test(text)
    ? Math.min(Math.round(Number(text) * 1000), Number.MAX_SAFE_INTEGER)
    : (findHttpDate(text) ?? now) - now;
  return delayMs > 0 ? delayMs : undefined;
}
