import type { EventListener } from "../events.ts";
import { describeWarning } from "./describe_warning.ts";
import { renderJson } from "./render_json.ts";
import type { TerminalSurface } from "./terminal_writer.ts";

/** How progress is shown. */
export type ProgressMode = "tty" | "plain" | "json" | "none";

/** Shows what happens; disposing it leaves the terminal as it was. */
export interface ProgressDisplay extends Disposable {
  readonly listener: EventListener;
  /** Writes a line that stays, on stderr, whatever is drawn there. */
  readonly print: (line: string) => void;
  /** Takes what is drawn away until the next event, since stdout may be the same terminal. */
  readonly clear: () => void;
}

/** What a display stands on. */
export interface DisplayOptions {
  readonly surface: TerminalSurface;
  /** Milliseconds since the epoch, for the times of events. */
  readonly now: () => number;
  /**
   * Monotonic clock, ms, for speeds, waits and how often there is a line: a clock that is set back
   * must not hold them up. Default `performance.now`.
   */
  readonly monotonicNow?: () => number;
  readonly color: boolean;
  /** Whether a warning is JSON where no progress is shown. Default: false. */
  readonly json?: boolean;
  /** Calls back when the program goes on after a stop, with other text on the screen. Default: never. */
  readonly onResume?: (listener: () => void) => Disposable;
}

/** The display for a mode; the others aren't loaded. */
export async function openProgressDisplay(
  mode: ProgressMode,
  options: DisplayOptions,
): Promise<ProgressDisplay> {
  switch (mode) {
    case "tty": {
      const { createTerminalDisplay }: typeof import("./terminal_display.ts") =
        await import("./terminal_display.ts" as string);
      return createTerminalDisplay(options);
    }
    case "plain": {
      const { createPlainDisplay }: typeof import("./plain_display.ts") =
        await import("./plain_display.ts" as string);
      return createPlainDisplay(options);
    }
    case "json": {
      const { createJsonDisplay }: typeof import("./json_display.ts") =
        await import("./json_display.ts" as string);
      return createJsonDisplay(options);
    }
    case "none":
      return createSilentDisplay(options);
  }
}

/** A warning is no progress: it is shown even where progress isn't. */
function createSilentDisplay(options: DisplayOptions): ProgressDisplay {
  const print = (line: string): void => options.surface.write(line + "\n");
  return {
    listener: (event): void => {
      if (event.event !== "warning") return;
      const { json = false, now } = options;
      print(json ? renderJson(event, now()) : describeWarning(event.message));
    },
    print,
    clear: (): void => {},
    [Symbol.dispose]: (): void => {},
  };
}
