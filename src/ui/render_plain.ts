import type { DrayEvent } from "../events.ts";
import { escapeText } from "../spec/escape_text.ts";
import { count, describeDone } from "./describe_done.ts";
import { describeWarning } from "./describe_warning.ts";
import { describeWait } from "./describe_wait.ts";
import { formatBytes, formatRate } from "./format_bytes.ts";
import { bytesOnDisk, type ProgressState } from "./progress_state.ts";
import { rateOf } from "./rate_meter.ts";
import { renderPercent, renderTimeLeft } from "./render_meter.ts";
import { shortDigest } from "../spec/digest.ts";

/**
 * The line that an event is worth where stderr is no terminal, if any.
 *
 * @param state The state after the event.
 */
export function renderPlain(
  event: DrayEvent,
  state: ProgressState,
): string | undefined {
  switch (event.event) {
    case "resolve":
      return `${escapeText(event.reference)}: resolving`;
    case "plan":
      return planLine(event);
    case "blob-start":
      return event.offset > 0
        ? `${shortDigest(event.digest)}: resuming at ${
          formatBytes(event.offset)
        } of ${formatBytes(event.size)}`
        : undefined;
    case "blob-wait":
      return `${shortDigest(event.digest)}: another dray is fetching it`;
    case "blob-retry":
      return `${shortDigest(event.digest)}: ${waitOf(event)}`;
    case "wait":
      return `${escapeText(event.host)}: ${waitOf(event)}`;
    case "blob-done":
      return event.status === "reused"
        ? undefined
        : `${shortDigest(event.digest)}: ${event.status} ${
          formatBytes(event.size)
        }`;
    case "unpack-done":
      // Of a command that does nothing else, the result says it.
      return state.reference === undefined
        ? undefined
        : `${shortDigest(event.digest)}: unpacked`;
    case "warning":
      return describeWarning(event.message);
    case "done":
      return describeDone(event, state);
    case "manifest":
    case "blob-progress":
    case "verify-progress":
    case "copy-progress":
    case "unpack-start":
    case "unpack-progress":
    case "error":
      return undefined;
  }
}

/**
 * How far the whole is, for a log: `45.6 MB of 130 MB (35%), 8.1 MB/s, 10 s left`.
 *
 * @param nowMs Now, ms of a monotonic clock.
 */
export function renderPlainProgress(
  state: ProgressState,
  nowMs: number,
): string | undefined {
  const { plan } = state;
  if (plan === undefined || plan.bytes === 0) return undefined;
  const done = bytesOnDisk(state);
  const rate = rateOf(state.meter, nowMs);
  const parts = [
    `${formatBytes(done)} of ${formatBytes(plan.bytes)} (${
      renderPercent(done / plan.bytes).trim()
    })`,
    rate === undefined ? "" : formatRate(rate),
    renderTimeLeft(plan.bytes - done, rate),
  ];
  return parts.filter((part) => part !== "").join(", ");
}

/** Where there is nothing to transfer, the line of the end says so. */
function planLine(
  event: Extract<DrayEvent, { event: "plan" }>,
): string | undefined {
  const { blobs, bytes, bytesKept = 0, bytesReused } = event;
  if (blobs === 0) return undefined;
  const kept = bytesKept > 0 ? `, ${formatBytes(bytesKept)} kept` : "";
  const here = bytesReused > 0
    ? `, ${formatBytes(bytesReused)} already here`
    : "";
  const what = `${count(blobs, "blob")}, ${
    formatBytes(bytes - bytesKept)
  } to download`;
  return `${escapeText(event.reference)}: ${what}${kept}${here}`;
}

function waitOf(
  event: { reason: string; attempt: number; delayMs: number },
): string {
  return describeWait({ ...event, untilMs: event.delayMs }, 0);
}
