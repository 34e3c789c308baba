import { escapeText } from "../spec/escape_text.ts";
import { describeWait } from "./describe_wait.ts";
import { formatBytes, formatRate } from "./format_bytes.ts";
import { truncateText } from "./format_table.ts";
import { createPalette, type Palette } from "./palette.ts";
import {
  type BlobProgress,
  bytesOnDisk,
  type ProgressState,
  type UnpackProgress,
} from "./progress_state.ts";
import { type RateMeter, rateOf } from "./rate_meter.ts";
import {
  GAP,
  INDENT,
  LABEL_WIDTH,
  renderMeter,
  renderTimeLeft,
} from "./render_meter.ts";
import { shortDigest } from "../spec/digest.ts";

/** The terminal that {@linkcode renderTerminal} draws for. */
export interface TerminalView {
  readonly columns: number;
  readonly rows: number;
  /** Now, ms of a monotonic clock. */
  readonly nowMs: number;
  readonly color: boolean;
}

/** The same, once for all lines. */
interface Canvas {
  readonly width: number;
  readonly nowMs: number;
  readonly palette: Palette;
}

/** Rows that blobs leave free: title, status, a wait, total, and the cursor's. */
const FRAME_ROWS = 5;

/** What the terminal shows now, one string a line, none wider than the terminal. */
export function renderTerminal(
  state: ProgressState,
  view: TerminalView,
): string[] {
  if (state.outcome !== undefined) return [];
  const canvas = {
    // The last column stays free: a character there makes some terminals wrap.
    width: Math.max(1, view.columns - 1),
    nowMs: view.nowMs,
    palette: createPalette(view.color),
  };
  const blobs = [...state.blobs.values()];
  const room = Math.max(1, view.rows - FRAME_ROWS);
  const shown = blobs.slice(0, room);
  // While a layer comes, its one line is the transfer's.
  const unpacks = [...state.unpacks.values()]
    .filter(({ digest }) => !state.blobs.has(digest))
    .slice(0, room - shown.length);
  const lines = [
    ...titleLine(state, canvas),
    ...shown.map((blob) => blobLine(blob, canvas)),
    ...unpacks.map((unpack) => unpackLine(unpack, canvas)),
    ...waitLines(state, canvas).slice(0, 1),
    ...totalLine(state, canvas),
    ...statusLine(state, blobs.length - shown.length, canvas),
  ];
  return lines.slice(0, Math.max(1, view.rows - 1));
}

function titleLine(state: ProgressState, canvas: Canvas): string[] {
  // A command other than a pull has waits to show, and nothing else.
  if (state.reference === undefined) return [];
  const { width, palette } = canvas;
  const title = truncateText(escapeText(state.reference), width);
  const note = state.digest === undefined
    ? "resolving"
    : state.platforms.map(escapeText).join(", ");
  const room = width - [...title].length - GAP.length;
  if (note === "" || room < 4) return [palette.bold(title)];
  return [palette.bold(title) + GAP + palette.dim(truncateText(note, room))];
}

function blobLine(blob: BlobProgress, canvas: Canvas): string {
  const { width, nowMs, palette } = canvas;
  const label = shortDigest(blob.digest);
  const words = blobWords(blob, nowMs);
  if (words === undefined) {
    return renderMeter(
      {
        label,
        doneBytes: blob.received,
        totalBytes: blob.size,
        speed: speedOf(blob.meter, nowMs),
      },
      width,
      palette,
    );
  }
  const start = INDENT + label.padEnd(LABEL_WIDTH) + GAP;
  if (start.length >= width) return truncateText(INDENT + words, width);
  const text = truncateText(words, width - start.length);
  return palette.dim(start) + palette.yellow(text);
}

function unpackLine(
  { digest, size, read }: UnpackProgress,
  { width, palette }: Canvas,
): string {
  const label = shortDigest(digest);
  if (size > 0) {
    const meter = { label, doneBytes: read, totalBytes: size };
    return renderMeter({ ...meter, speed: "unpacking" }, width, palette);
  }
  const text = `${INDENT}${label.padEnd(LABEL_WIDTH)}${GAP}unpacking`;
  return palette.dim(truncateText(text, width));
}

function blobWords(blob: BlobProgress, nowMs: number): string | undefined {
  if (blob.retry !== undefined) return describeWait(blob.retry, nowMs);
  return blob.waitsForOther ? "another dray is fetching it" : undefined;
}

function waitLines(state: ProgressState, canvas: Canvas): string[] {
  const { width, nowMs, palette } = canvas;
  return [...state.waits]
    .filter(([, wait]) => wait.untilMs > nowMs)
    .map(([host, wait]) => {
      const text = `${INDENT}${escapeText(host)}: ${describeWait(wait, nowMs)}`;
      return palette.yellow(truncateText(text, width));
    });
}

function totalLine(state: ProgressState, canvas: Canvas): string[] {
  const { plan } = state;
  if (plan === undefined || plan.bytes === 0) return [];
  const meter = {
    label: "total",
    doneBytes: bytesOnDisk(state),
    totalBytes: plan.bytes,
    speed: speedOf(state.meter, canvas.nowMs),
  };
  return [renderMeter(meter, canvas.width, canvas.palette)];
}

/** Words under the bars: `3 of 9 done, 4 to come, 12 s left`. */
function statusLine(
  state: ProgressState,
  hidden: number,
  canvas: Canvas,
): string[] {
  const { plan, finished } = state;
  if (plan === undefined) return [];
  const toCome = plan.blobs - finished.blobs - state.blobs.size;
  const rate = rateOf(state.meter, canvas.nowMs);
  const parts = [
    plan.blobs > 0 ? `${finished.blobs} of ${plan.blobs} done` : "",
    hidden > 0 ? `${hidden} more at work` : "",
    toCome > 0 ? `${toCome} to come` : "",
    renderTimeLeft(plan.bytes - bytesOnDisk(state), rate),
    plan.bytesReused > 0 ? `${formatBytes(plan.bytesReused)} already here` : "",
  ];
  const text = INDENT + parts.filter((part) => part !== "").join(", ");
  return [canvas.palette.dim(truncateText(text, canvas.width))];
}

function speedOf(meter: RateMeter, nowMs: number): string {
  const rate = rateOf(meter, nowMs);
  return rate === undefined ? "" : formatRate(rate);
}
