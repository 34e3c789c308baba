import { type CliCommand, defineCommand } from "../define_command.ts";

/** `dray rm REF...` */
export const rmCommand: CliCommand = defineCommand<Record<never, never>>({
  name: "rm",
  docs: {
    brief: "Forget references",
    description:
      "Forgets references and prints those that it forgot. Their content " +
      "stays in the store, where another image may need it.",
    examples: [
      { command: "dray rm alpine:3.19 alpine:3.20", does: "forget two" },
    ],
    exitCodes: "3 not in the store, 7 local disk or permission",
    network: false,
  },
  flags: {},
  args: { placeholder: "REF", brief: "Image references", min: 1 },
  load: async () => {
    const { runRm }: typeof import("./run_rm.ts") = await import(
      "./run_rm.ts" as string
    );
    return runRm;
  },
});
