import { type CliCommand, defineCommand } from "../define_command.ts";

/** `dray logout REGISTRY` */
export const logoutCommand: CliCommand = defineCommand<Record<never, never>>({
  name: "logout",
  docs: {
    brief: "Forget credentials for a registry",
    description: "Forgets the credentials that dray login, or docker login, " +
      "kept for a registry.",
    examples: [
      { command: "dray logout ghcr.io", does: "also with a helper" },
    ],
    exitCodes: "3 there were none, 7 local disk or credential helper",
    network: false,
  },
  flags: {},
  args: { placeholder: "REGISTRY", brief: "A registry", min: 1, max: 1 },
  load: async () => {
    const { runLogout }: typeof import("./run_logout.ts") = await import(
      "./run_logout.ts" as string
    );
    return runLogout;
  },
});
