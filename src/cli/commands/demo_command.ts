import { type CliCommand, defineCommand } from "../define_command.ts";

/** `dray demo` */
export const demoCommand: CliCommand = defineCommand<Record<never, never>>({
  name: "demo",
  docs: {
    brief: "Pull a sample image from a registry inside dray",
    description:
      "Serves a small sample image on this machine and pulls it: the " +
      "whole main job with no network. The store is a temporary one, " +
      "deleted at the end, unless --store names a folder.",
    examples: [
      { command: "dray demo", does: "watch it" },
      {
        command: "dray demo --store ./store",
        does: "keep the store, to look into it",
      },
    ],
    exitCodes: "7 local disk or permission",
    network: false,
  },
  flags: {},
  args: { placeholder: "", brief: "", min: 0, max: 0 },
  load: async () => {
    const { runDemo }: typeof import("./run_demo.ts") = await import(
      "./run_demo.ts" as string
    );
    return runDemo;
  },
});
