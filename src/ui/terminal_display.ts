import type { DrayEvent } from "../events.ts";
import { describeDone } from "./describe_done.ts";
import { describeWarning } from "./describe_warning.ts";
import { createPalette } from "./palette.ts";
import { initialProgress, type ProgressState } from "./progress_state.ts";
import type { DisplayOptions, ProgressDisplay } from "./progress_display.ts";
import { reduceProgress } from "./reduce_progress.ts";
import { renderTerminal } from "./render_terminal.ts";
import { TerminalWriter } from "./terminal_writer.ts";

/** Ten frames a second: smooth for the eye, and a frame is no more than the lines that changed. */
const FRAME_MS = 100;
/** So late is a frame where the machine is busy, or the program was stopped. */
const LATE_MS = 50;
/** After a stop, the signal that says so has this long to come before the next frame. */
const RESUME_MS = 400;
/** Over a slow line, where writing itself takes time, at most this part of it is spent so. */
const MAX_WRITING = 1 / 10;

/** Bars that are drawn again in place. */
export function createTerminalDisplay(
  options: DisplayOptions,
): ProgressDisplay {
  const { color, monotonicNow = () => performance.now() } = options;
  const writer = new TerminalWriter(options.surface);
  let state = initialProgress();
  const draw = (): void => {
    const { columns, rows } = options.surface.size();
    const nowMs = monotonicNow();
    writer.draw(renderTerminal(state, { columns, rows, nowMs, color }));
  };
  const resumes = options.onResume?.(() => writer.forget());
  const ticker = createTicker(draw, monotonicNow);
  const clear = (): void => {
    ticker.stop();
    writer.clear();
  };
  return {
    listener: (event): void => {
      state = reduceProgress(state, event, monotonicNow());
      const line = lastingLine(event, state, color);
      if (line !== undefined) writer.print(line);
      if (event.event === "done" || event.event === "error") clear();
      else ticker.start();
    },
    print: (line): void => writer.print(line),
    clear,
    [Symbol.dispose]: (): void => {
      clear();
      resumes?.[Symbol.dispose]();
    },
  };
}

function lastingLine(
  event: DrayEvent,
  state: ProgressState,
  color: boolean,
): string | undefined {
  const palette = createPalette(color);
  if (event.event === "done") {
    const text = describeDone(event, state);
    return text === undefined ? text : `${palette.green("✓")} ${text}`;
  }
  if (event.event === "warning") {
    return palette.yellow(describeWarning(event.message));
  }
  return undefined;
}

/** Draws at a steady pace while something is at work, also when no event comes: time left runs on. */
function createTicker(
  draw: () => void,
  now: () => number,
): { start: () => void; stop: () => void } {
  let timer: ReturnType<typeof setTimeout> | undefined;
  let dueMs = 0;
  let skipped = false;
  const next = (delayMs: number): void => {
    dueMs = now() + delayMs;
    timer = setTimeout(tick, delayMs);
    // The display must not keep a program alive that is done.
    Deno.unrefTimer(Number(timer));
  };
  const tick = (): void => {
    const startMs = now();
    // After a stop the timer comes before the signal that says so.
    skipped = !skipped && startMs - dueMs > LATE_MS;
    if (skipped) return next(RESUME_MS);
    draw();
    next(Math.max(FRAME_MS, (now() - startMs) / MAX_WRITING));
  };
  return {
    start: (): void => {
      if (timer === undefined) next(FRAME_MS);
    },
    stop: (): void => {
      clearTimeout(timer);
      timer = undefined;
    },
  };
}
