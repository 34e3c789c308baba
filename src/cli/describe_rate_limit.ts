import { formatWait } from "../http/format_wait.ts";
import type { RateLimit } from "../registry/rate_limit.ts";

/** What is left of a rate limit, for people: `76 of 100 left, in 6 h`. */
export function describeRateLimit(rate: RateLimit): string {
  const { limit, remaining, windowS } = rate;
  const of = limit === undefined ? "" : ` of ${limit}`;
  const within = windowS === undefined
    ? ""
    : `, in ${formatWait(windowS * 1000)}`;
  return `${remaining}${of} left${within}`;
}
