const GO_UNITS_MS: Readonly<Record<string, number>> = {
  ms: 1,
  s: 1000,
  m: 60_000,
  h: 3_600_000,
};
/** Timers take no more. */
const MAX_DURATION_MS = 2 ** 31 - 1;

/** A time as Go writes it, `3s` or `1m30s`, in ms; undefined for what is none, or not above zero. */
export function findGoDurationMs(text: string): number | undefined {
  if (!/^(?:[0-9]{1,9}(?:\.[0-9]{1,9})?(?:ms|s|m|h))+$/.test(text)) {
    return undefined;
  }
  let ms = 0;
  for (const [, count, unit = ""] of text.matchAll(/([0-9.]+)(ms|s|m|h)/g)) {
    ms += Number(count) * (GO_UNITS_MS[unit] ?? 0);
  }
  return ms > 0 ? Math.min(ms, MAX_DURATION_MS) : undefined;
}
