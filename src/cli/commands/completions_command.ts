import { type CliCommand, defineCommand } from "../define_command.ts";

/** `dray completions SHELL` */
export const completionsCommand: CliCommand = defineCommand<
  Record<never, never>
>({
  name: "completions",
  docs: {
    brief: "Print a script that completes dray in a shell",
    description:
      "Prints a script for bash, zsh, fish or powershell that completes " +
      "commands, options, their values, and references in the store. For " +
      "bash and zsh: source <(dray completions SHELL). The script's first " +
      "lines say how to have it in each new shell.",
    examples: [
      { command: "dray completions bash", does: "for bash, or zsh" },
      { command: "dray completions fish | source", does: "in fish" },
      {
        command: "dray completions powershell | Out-String | iex",
        does: "in PowerShell",
      },
    ],
    exitCodes: "7 local disk or permission",
    network: false,
  },
  flags: {},
  args: { placeholder: "SHELL", brief: "The shell", min: 1, max: 1 },
  load: async () => {
    const { runCompletions }: typeof import("./run_completions.ts") =
      await import("./run_completions.ts" as string);
    return runCompletions;
  },
});
