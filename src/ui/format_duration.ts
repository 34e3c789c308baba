const SECOND_MS = 1000;
const MINUTE_MS = 60 * SECOND_MS;
const HOUR_MS = 60 * MINUTE_MS;

/**
 * A span of time for people: `0.4 s`, `37 s`, `3 min 20 s`, `2 h 5 min`.
 *
 * @param ms Milliseconds; below 0 counts as 0.
 */
export function formatDuration(ms: number): string {
  if (ms < 9_950) return `${(Math.max(0, ms) / SECOND_MS).toFixed(1)} s`;
  const seconds = Math.round(ms / SECOND_MS);
  if (seconds < 60) return `${seconds} s`;
  const rounded = seconds * SECOND_MS;
  if (rounded < HOUR_MS) {
    return pair(rounded, MINUTE_MS, "min", SECOND_MS, "s");
  }
  return pair(rounded, HOUR_MS, "h", MINUTE_MS, "min");
}

/**
 * What is left of a wait, in whole seconds, so that a countdown steps evenly: `37 s`.
 *
 * @param ms Milliseconds; below 0 counts as 0.
 */
export function formatCountdown(ms: number): string {
  const seconds = Math.ceil(Math.max(0, ms) / SECOND_MS);
  return seconds < 10 ? `${seconds} s` : formatDuration(seconds * SECOND_MS);
}

function pair(
  ms: number,
  bigMs: number,
  bigUnit: string,
  smallMs: number,
  smallUnit: string,
): string {
  const big = Math.floor(ms / bigMs);
  const small = Math.floor((ms % bigMs) / smallMs);
  return small === 0
    ? `${big} ${bigUnit}`
    : `${big} ${bigUnit} ${small} ${smallUnit}`;
}
