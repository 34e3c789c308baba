import type { ProgressMode } from "../ui/progress_display.ts";
import type { CliHost } from "./cli_context.ts";
import type { GlobalFlags } from "./global_flags.ts";

/**
 * How progress is shown: what was asked for, else bars on a terminal and lines elsewhere. A program
 * that wants JSON reads stderr for errors, which are JSON too: lines for people would be in its way.
 */
export function chooseProgressMode(
  flags: Pick<GlobalFlags, "json" | "progress" | "quiet">,
  host: Pick<CliHost, "environment" | "stdio">,
): ProgressMode {
  if (flags.quiet) return "none";
  if (flags.progress !== "auto") return flags.progress;
  const { CI, TERM } = host.environment;
  const canDraw = host.stdio.stderrIsTerminal && TERM !== "dumb" &&
    CI === undefined;
  if (canDraw) return "tty";
  return flags.json ? "none" : "plain";
}
