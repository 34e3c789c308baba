import type { DisplayOptions, ProgressDisplay } from "./progress_display.ts";
import { renderJson } from "./render_json.ts";

/** One event a line, for programs. */
export function createJsonDisplay(options: DisplayOptions): ProgressDisplay {
  const print = (line: string): void => options.surface.write(line + "\n");
  return {
    listener: (event): void => print(renderJson(event, options.now())),
    print,
    clear: (): void => {},
    [Symbol.dispose]: (): void => {},
  };
}
