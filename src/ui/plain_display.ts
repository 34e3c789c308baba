import type { DrayEvent } from "../events.ts";
import { initialProgress } from "./progress_state.ts";
import type { DisplayOptions, ProgressDisplay } from "./progress_display.ts";
import { reduceProgress } from "./reduce_progress.ts";
import { renderPlain, renderPlainProgress } from "./render_plain.ts";

/** The first line comes soon; in a long pull a log doesn't need one a second. */
const MIN_SPACING_MS = 1_000;
const MAX_SPACING_MS = 10_000;

/** A line for each event that matters, and now and then how far it is. */
export function createPlainDisplay(options: DisplayOptions): ProgressDisplay {
  const { monotonicNow = () => performance.now() } = options;
  const print = (line: string): void => options.surface.write(line + "\n");
  const lastPrintedMs = new Map<string, number>();
  /** With 200 layers, or 64 connections that break together, one line speaks for many. */
  const isTooSoon = (event: DrayEvent, nowMs: number): boolean => {
    const sort = sortOf(event);
    if (sort === undefined) return false;
    const lastMs = lastPrintedMs.get(sort) ?? -Infinity;
    if (nowMs - lastMs < MIN_SPACING_MS) return true;
    lastPrintedMs.set(sort, nowMs);
    return false;
  };
  let state = initialProgress();
  let spacingMs = MIN_SPACING_MS;
  let dueMs = Infinity;
  return {
    listener: (event): void => {
      const nowMs = monotonicNow();
      state = reduceProgress(state, event, nowMs);
      const line = renderPlain(event, state);
      if (line !== undefined && !isTooSoon(event, nowMs)) print(line);
      const isFirst = event.event === "verify-progress" && event.bytes === 0;
      if (event.event === "plan" || isFirst) {
        spacingMs = MIN_SPACING_MS;
        dueMs = nowMs + spacingMs;
      }
      if (!tellsHowFar(event) || nowMs < dueMs) return;
      const progress = renderPlainProgress(state, nowMs);
      if (progress !== undefined) print(progress);
      spacingMs = Math.min(MAX_SPACING_MS, spacingMs * 1.5);
      dueMs = nowMs + spacingMs;
    },
    print,
    clear: (): void => {},
    [Symbol.dispose]: (): void => {},
  };
}

/** Of lines of one sort, one a second is enough; undefined where each counts. */
function sortOf(event: DrayEvent): string | undefined {
  switch (event.event) {
    case "blob-start":
    case "blob-wait":
    case "blob-done":
    case "unpack-done":
      return event.event;
    case "blob-retry":
      return `${event.event} ${event.reason}`;
    case "wait":
      return `${event.event} ${event.host} ${event.reason}`;
    default:
      return undefined;
  }
}

function tellsHowFar({ event }: DrayEvent): boolean {
  return event === "blob-progress" || event === "verify-progress";
}
