import type { DrayEvent } from "../events.ts";
import { escapeText } from "../spec/escape_text.ts";
import { formatBytes, formatRate } from "./format_bytes.ts";
import { formatDuration } from "./format_duration.ts";
import type { ProgressState } from "./progress_state.ts";

const MAX_SOURCES = 3;

/**
 * What came, from where, how fast, and how much needn't: the last line of a pull for people.
 * Of a dry run, which leaves transfers undone, there is nothing to say.
 */
export function describeDone(
  done: Extract<DrayEvent, { readonly event: "done" }>,
  state: ProgressState,
): string | undefined {
  const { plan, finished } = state;
  if (plan !== undefined && finished.blobs < plan.blobs) return undefined;
  const reference = escapeText(done.reference);
  const here = done.bytesReused > 0
    ? `${formatBytes(done.bytesReused)} already here`
    : "";
  if (finished.blobs === 0) {
    const note = here === "" ? "" : ` (${here})`;
    return `${reference}: nothing to download${note}`;
  }
  const came = `${formatBytes(done.bytesDownloaded)}${origin(done)}`;
  const parts = [
    `${came} in ${formatDuration(done.elapsedMs)}${speed(done)}`,
    count(finished.blobs, "blob"),
    finished.resumed > 0 ? `${finished.resumed} resumed` : "",
    here,
  ];
  return `${reference}: ${parts.filter((part) => part !== "").join(", ")}`;
}

/** ` from mirror.example.com`, and of a crowd just a few. */
function origin({ sources = [] }: { sources?: readonly string[] }): string {
  if (sources.length === 0) return "";
  const shown = sources.slice(0, MAX_SOURCES).map(escapeText);
  const more = sources.length - shown.length;
  const rest = more > 0 ? [`${more} more`] : [];
  return ` from ${[...shown, ...rest].join(", ")}`;
}

/** `1 blob`, `3 blobs`. */
export function count(amount: number, noun: string): string {
  return `${amount} ${noun}${amount === 1 ? "" : "s"}`;
}

function speed(done: { bytesDownloaded: number; elapsedMs: number }): string {
  if (done.elapsedMs < 1) return "";
  const rate = (done.bytesDownloaded / done.elapsedMs) * 1000;
  return ` (${formatRate(rate)})`;
}
