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

/** The same as a manual page, in roff. */
export async function findManText(
  command: string | undefined,
): Promise<string | undefined> {
  const [{ renderMan, renderCommandMan }, { VERSION }] = await Promise.all([
    import("./man/render_man.ts"),
    import("./version.ts"),
  ]);
  const options = { version: VERSION };
  if (command === undefined) return renderMan(COMMANDS, options);
  const found = COMMANDS.find(({ name }) => name === command);
  return found && renderCommandMan(found, options);
}
