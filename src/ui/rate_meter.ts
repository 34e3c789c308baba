/** A point of a count that only grows. */
interface Sample {
  readonly atMs: number;
  readonly bytes: number;
}

/**
 * Bytes received by this run over the last seconds. What an earlier run left
 * never enters it, so a resumed download starts at its true speed.
 */
export interface RateMeter {
  readonly samples: readonly Sample[];
}

/** Long enough to be calm, short enough that a stall shows. */
const WINDOW_MS = 5_000;
/** Bounds the samples of a window, however many events arrive. */
const SAMPLE_SPACING_MS = 200;
/** Below this a single packet would be a wild speed. */
const MIN_SPAN_MS = 500;

/**
 * A meter that starts to count now.
 *
 * @param bytes Received by this run before. Default 0.
 */
export function startMeter(atMs: number, bytes = 0): RateMeter {
  return { samples: [{ atMs, bytes }] };
}

/**
 * The meter with a new reading.
 *
 * @param bytes Received by this run so far, never less than before.
 */
export function addSample(
  meter: RateMeter,
  atMs: number,
  bytes: number,
): RateMeter {
  const samples = meter.samples.filter((sample, index) =>
    // The one just before the window anchors it.
    sample.atMs >= atMs - WINDOW_MS ||
    (meter.samples[index + 1]?.atMs ?? Infinity) >= atMs - WINDOW_MS
  );
  const beforeLast = samples.at(-2);
  const crowded = beforeLast !== undefined &&
    atMs - beforeLast.atMs < SAMPLE_SPACING_MS;
  return {
    samples: [...samples.slice(0, crowded ? -1 : undefined), { atMs, bytes }],
  };
}

/** Bytes a second over the window that ends now; undefined while too little is known. */
export function rateOf(meter: RateMeter, nowMs: number): number | undefined {
  const last = meter.samples.at(-1);
  const first =
    meter.samples.findLast((sample) => sample.atMs <= nowMs - WINDOW_MS) ??
      meter.samples[0];
  if (first === undefined || last === undefined) return undefined;
  // Before the window nothing arrived since that sample, or there would be a later one.
  const spanMs = Math.min(nowMs - first.atMs, WINDOW_MS);
  if (spanMs < MIN_SPAN_MS) return undefined;
  return ((last.bytes - first.bytes) / spanMs) * 1000;
}
