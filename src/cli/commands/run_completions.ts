import { UsageError } from "../../errors.ts";
import { quoteText } from "../../spec/escape_text.ts";
import { completionScript } from "../complete/completion_script.ts";
import { type Shell, SHELLS } from "../complete/shells.ts";
import type { GlobalFlags } from "../global_flags.ts";
import type { Session } from "../session.ts";

/** Other names that people type. */
const OTHER_NAMES: Readonly<Record<string, Shell>> = {
  pwsh: "powershell",
  "power-shell": "powershell",
};

/** Prints the script for a shell. */
export function runCompletions(
  session: Session,
  _flags: GlobalFlags,
  [text = ""]: readonly string[],
): Promise<void> {
  const script = completionScript(parseShell(text));
  session.writeBytes(new TextEncoder().encode(script));
  return Promise.resolve();
}

/** Also `/bin/zsh`, as `$SHELL` has it. */
function parseShell(text: string): Shell {
  const name = text.replace(/^.*\//, "").toLowerCase();
  const shell = SHELLS.find((one) => one === name) ??
    (Object.hasOwn(OTHER_NAMES, name) ? OTHER_NAMES[name] : undefined);
  if (shell !== undefined) return shell;
  throw new UsageError(
    "usage",
    `Cannot print completions for shell ${quoteText(text)}: it is not known`,
    { hint: `name one of ${SHELLS.join(", ")}` },
  );
}
