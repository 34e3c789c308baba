import {
  CREDENTIAL_ALIASES,
  CREDENTIAL_FLAGS,
  type CredentialFlags,
} from "../credential_flags.ts";
import { type CliCommand, defineCommand } from "../define_command.ts";

/** `dray tags REPOSITORY` */
export const tagsCommand: CliCommand = defineCommand<CredentialFlags>({
  name: "tags",
  docs: {
    brief: "Ask a registry for the tags of a repository",
    description: "Lists the tags of a repository, all pages of them, one a " +
      "line.",
    examples: [
      { command: "dray tags alpine", does: "of docker.io/library/alpine" },
      {
        command: "dray tags --json ghcr.io/org/app",
        does: "as one JSON object",
      },
    ],
    exitCodes: "3 not found, 4 access refused, 5 registry out of reach, " +
      "130 interrupted",
    network: true,
  },
  flags: CREDENTIAL_FLAGS,
  aliases: CREDENTIAL_ALIASES,
  args: { placeholder: "REPOSITORY", brief: "A repository", min: 1, max: 1 },
  load: async () => {
    const { runTags }: typeof import("./run_tags.ts") = await import(
      "./run_tags.ts" as string
    );
    return runTags;
  },
});
