import { CREDENTIAL_ALIASES } from "../credential_flags.ts";
import { type CliCommand, defineCommand } from "../define_command.ts";
import { LOOK_FLAGS, type LookFlags } from "../look/look_flags.ts";

/** Options of `dray ls`. */
export interface LsFlags extends LookFlags {
  readonly long: boolean;
  readonly recursive: boolean;
}

/** `dray ls REF [PATH]` */
export const lsCommand: CliCommand = defineCommand<LsFlags>({
  name: "ls",
  docs: {
    brief: "List files in an image, without unpacking it",
    description:
      "Lists a folder of an image, / by default: what is there once all " +
      "layers are merged. Links in PATH are followed as in a container. It " +
      "reads the layers from the top, as many as it takes, each to its end " +
      "with its digest checked. With --remote it asks the registry and " +
      "stores nothing.",
    examples: [
      { command: "dray ls alpine /etc", does: "names" },
      { command: "dray ls -lR alpine /lib", does: "all below, with details" },
      {
        command: "dray ls --json -R alpine",
        does: "every file for a script, an object a line, with its layer",
      },
      {
        command: "dray ls --remote --platform linux/arm64 alpine /bin",
        does: "without pulling it",
      },
    ],
    exitCodes: "3 no such image or file, 6 damaged or hostile content; with " +
      "--remote also 4 access refused, 5 registry out of reach",
    network: true,
  },
  flags: {
    long: {
      kind: "boolean",
      default: false,
      withNegated: false,
      brief: "Mode, owner, size, time (UTC) and target of links too",
    },
    recursive: {
      kind: "boolean",
      default: false,
      withNegated: false,
      brief: "All that is below the folder",
    },
    ...LOOK_FLAGS,
  },
  aliases: { ...CREDENTIAL_ALIASES, l: "long", R: "recursive" },
  args: {
    placeholder: "REF [PATH]",
    brief: "An image reference and a path in the image",
    min: 1,
    max: 2,
  },
  load: async () => {
    const { runLs }: typeof import("./run_ls.ts") = await import(
      "./run_ls.ts" as string
    );
    return runLs;
  },
});
