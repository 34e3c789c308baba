import { formatBytes } from "./format_bytes.ts";
import { formatCountdown } from "./format_duration.ts";
import { truncateText } from "./format_table.ts";
import type { Palette } from "./palette.ts";

/** What a {@linkcode renderMeter} line tells. */
export interface Meter {
  /** Cut or padded to 12 columns. */
  readonly label: string;
  readonly doneBytes: number;
  readonly totalBytes: number;
  /** Ready for the eye; empty while unknown. */
  readonly speed: string;
}

/** Columns that lines of the display have in common. */
export const INDENT = "  ";
/** As wide as the short form of a digest. */
export const LABEL_WIDTH = 12;
export const GAP = "  ";

const COUNT_WIDTH = 17;
const SPEED_WIDTH = 10;
const PERCENT_WIDTH = 4;
const MIN_BAR_WIDTH = 8;
const MAX_BAR_WIDTH = 40;
/** Beyond, the figure says no more than the speed does. */
const MAX_TIME_LEFT_MS = 100 * 3_600_000;

/**
 * A line with label, bar, bytes and speed. What doesn't fit goes: first speed
 * and bytes, for per cent, then the bar.
 *
 * @param width Columns; the line is never wider.
 */
export function renderMeter(
  meter: Meter,
  width: number,
  palette: Palette,
): string {
  const { doneBytes, totalBytes } = meter;
  const label = truncateText(meter.label, LABEL_WIDTH).padEnd(LABEL_WIDTH);
  const start = INDENT + palette.dim(label) + GAP;
  const room = width - INDENT.length - LABEL_WIDTH - GAP.length;
  const fraction = totalBytes <= 0 ? 1 : doneBytes / totalBytes;
  const wide = room - 2 * GAP.length - COUNT_WIDTH - SPEED_WIDTH;
  if (wide >= MIN_BAR_WIDTH) {
    const bar = renderBar(fraction, Math.min(wide, MAX_BAR_WIDTH), palette);
    const count = `${formatBytes(doneBytes)} / ${formatBytes(totalBytes)}`;
    const figures = count.padStart(COUNT_WIDTH) + GAP +
      meter.speed.padStart(SPEED_WIDTH);
    return (start + bar + GAP + figures).trimEnd();
  }
  const percent = renderPercent(fraction);
  const narrow = room - GAP.length - PERCENT_WIDTH;
  if (narrow >= MIN_BAR_WIDTH) {
    return start + renderBar(fraction, narrow, palette) + GAP + percent;
  }
  return truncateText(INDENT + label + percent, width);
}

/**
 * A bar whose filled part is heavy and whose rest is light, so that it reads without colour too.
 *
 * @param fraction 0 to 1; beyond is cut.
 * @param width Columns.
 */
export function renderBar(
  fraction: number,
  width: number,
  palette: Palette,
): string {
  // Rounded down: a bar is full only when every byte is there.
  const filled = Math.floor(clamp(fraction) * width);
  return palette.cyan("━".repeat(filled)) +
    palette.dim("─".repeat(width - filled));
}

/**
 * `10 s left`, or nothing while no honest figure is known.
 *
 * @param bytes To come.
 * @param rate Bytes a second.
 */
export function renderTimeLeft(
  bytes: number,
  rate: number | undefined,
): string {
  if (rate === undefined || rate < 1 || bytes <= 0) return "";
  const ms = (bytes / rate) * 1000;
  return ms >= MAX_TIME_LEFT_MS ? "" : `${formatCountdown(ms)} left`;
}

/** Whole per cent, 100 only when complete, padded to 4 columns. */
export function renderPercent(fraction: number): string {
  return `${Math.floor(clamp(fraction) * 100)}%`.padStart(PERCENT_WIDTH);
}

function clamp(fraction: number): number {
  return Number.isFinite(fraction) ? Math.min(1, Math.max(0, fraction)) : 0;
}
