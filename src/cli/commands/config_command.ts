import { type CliCommand, defineCommand } from "../define_command.ts";

/** `dray config` */
export const configCommand: CliCommand = defineCommand<Record<never, never>>({
  name: "config",
  docs: {
    brief: "Show the settings, and where each comes from",
    description:
      "Shows the defaults that hold: of an option on the command line, " +
      "else of a variable, else of config.toml in the folder of the " +
      "configuration, else the program's own. The file has the names that " +
      "are shown as its keys:\n\n" +
      '  store = "/srv/images"\n' +
      '  default-registry = "registry.example.com"\n' +
      '  platforms = ["linux/amd64", "linux/arm64"]\n' +
      "  max-connections = 16\n" +
      '  limit-rate = "20M"\n' +
      '  progress = "plain"\n' +
      '  idle-timeout = "1m"\n\n' +
      "The variable of a setting is DRAY_ and its name, as in " +
      "DRAY_MAX_CONNECTIONS; the store's is DRAY_HOME.\n\n" +
      "A path in the file begins with / or ~/, or is relative to its folder.",
    examples: [
      { command: "dray config", does: "as a table" },
      { command: "dray config --json", does: "one JSON object a setting" },
      {
        command: "dray config --config-dir ./ci",
        does: "with another folder's config.toml",
      },
    ],
    exitCodes: "7 local disk or permission",
    network: false,
  },
  flags: {},
  args: { placeholder: "", brief: "", min: 0, max: 0 },
  load: async () => {
    const { runConfig }: typeof import("./run_config.ts") = await import(
      "./run_config.ts" as string
    );
    return runConfig;
  },
});
