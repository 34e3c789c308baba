const STEPS: readonly { readonly unit: string; readonly unitMs: number }[] = [
  { unit: "year", unitMs: 365 * 86_400_000 },
  { unit: "month", unitMs: 30 * 86_400_000 },
  { unit: "week", unitMs: 7 * 86_400_000 },
  { unit: "day", unitMs: 86_400_000 },
  { unit: "hour", unitMs: 3_600_000 },
  { unit: "minute", unitMs: 60_000 },
];

/**
 * How long ago a moment was, for people: `3 minutes ago`, `just now`.
 *
 * @param moment RFC 3339; what is no date gives `unknown`.
 * @param nowMs Milliseconds since the epoch.
 */
export function formatAge(moment: string | undefined, nowMs: number): string {
  const thenMs = moment === undefined ? NaN : Date.parse(moment);
  if (Number.isNaN(thenMs)) return "unknown";
  const distanceMs = Math.abs(nowMs - thenMs);
  const step = STEPS.find(({ unitMs }) => distanceMs >= unitMs);
  if (step === undefined) return "just now";
  const text = plural(Math.floor(distanceMs / step.unitMs), step.unit);
  return thenMs < nowMs ? `${text} ago` : `in ${text}`;
}

/** `Intl.RelativeTimeFormat` would say the same, and take 15 ms to load. */
function plural(count: number, unit: string): string {
  return `${count} ${unit}${count === 1 ? "" : "s"}`;
}
