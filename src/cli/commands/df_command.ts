import { type CliCommand, defineCommand } from "../define_command.ts";

/** `dray df` */
export const dfCommand: CliCommand = defineCommand<Record<never, never>>({
  name: "df",
  docs: {
    brief: "Show what the store uses",
    description:
      "Shows what the store uses on disk, what images share, and what " +
      "dray prune would free.",
    examples: [
      { command: "dray df", does: "for people" },
      { command: "dray df --json", does: "bytes, for a script" },
    ],
    exitCodes: "7 local disk or permission",
    network: false,
  },
  flags: {},
  args: { placeholder: "", brief: "", min: 0, max: 0 },
  load: async () => {
    const { runDf }: typeof import("./run_df.ts") = await import(
      "./run_df.ts" as string
    );
    return runDf;
  },
});
