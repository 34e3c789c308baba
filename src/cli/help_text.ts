import { COMMANDS } from "./commands.ts";
import { renderCommandHelp, renderHelp } from "./render_help.ts";

/** What `dray help` prints. */
export function helpText(): string {
  return renderHelp(COMMANDS);
}

/** What `dray help COMMAND` prints, or `dray help`; undefined where there is no such command. */
export function findHelpText(command: string | undefined): string | undefined {
  if (command === undefined) return helpText();
  const found = COMMANDS.find(({ name }) => name === command);
  return found && renderCommandHelp(found);
}
