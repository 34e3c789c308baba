import { escapeText } from "../spec/escape_text.ts";
import { formatCountdown } from "./format_duration.ts";
import type { Wait } from "./progress_state.ts";

/**
 * A wait in words: `waiting 37 s (rate limited), attempt 2`.
 *
 * @param nowMs Now, ms of a monotonic clock.
 */
export function describeWait(wait: Wait, nowMs: number): string {
  const leftMs = wait.untilMs - nowMs;
  const verb = leftMs > 0
    ? `waiting ${formatCountdown(leftMs)}`
    : "trying again";
  return `${verb} (${escapeText(wait.reason)}), attempt ${wait.attempt}`;
}
