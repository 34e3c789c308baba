import type { CommandContext } from "@stricli/core";
import type { Environment } from "./environment.ts";
import type { OperatingSystem } from "./default_dirs.ts";
import type { SettledValue } from "./settings/settle_arguments.ts";
import type { Stdio } from "./stdio.ts";

/** What the program is given from outside; a test gives its own. */
export interface CliHost {
  readonly stdio: Stdio;
  readonly environment: Environment;
  readonly os: OperatingSystem;
  /** Milliseconds since the epoch. */
  readonly now: () => number;
  /** Calls back at the first SIGINT or SIGTERM; a second one ends the program at once. */
  readonly onInterrupt: (listener: () => void) => Disposable;
  /** Calls back each time the program goes on after a stop. Default: never. */
  readonly onResume?: (listener: () => void) => Disposable;
}

/** What the argument parser hands to a command, besides its options and arguments. */
export interface CliContext extends CommandContext {
  readonly host: CliHost;
  /** The user's defaults that hold, and where each comes from. */
  readonly settings: readonly SettledValue[];
  /** Told by the command. */
  exitCode: number;
}
