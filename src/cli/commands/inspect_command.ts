import {
  CREDENTIAL_ALIASES,
  CREDENTIAL_FLAGS,
  type CredentialFlags,
} from "../credential_flags.ts";
import { type CliCommand, defineCommand } from "../define_command.ts";

/** Options of `dray inspect`. */
export interface InspectFlags extends CredentialFlags {
  readonly platform?: string;
  readonly raw: boolean;
  readonly config: boolean;
  readonly layers: boolean;
  readonly remote: boolean;
}

/** `dray inspect REF` */
export const inspectCommand: CliCommand = defineCommand<InspectFlags>({
  name: "inspect",
  docs: {
    brief: "Show an image: config, layers, platforms",
    description:
      "Shows one image of the store: what it runs, its layers and its " +
      "platforms; with --layers each layer's size, its share of the image as " +
      "a bar and the command that made it. With --remote it asks the " +
      "registry and stores nothing.",
    examples: [
      { command: "dray inspect alpine", does: "for people" },
      { command: "dray inspect --layers alpine", does: "what takes the room" },
      { command: "dray inspect --json alpine", does: "for a script" },
      {
        command: "dray inspect --raw alpine | sha256sum",
        does: "the manifest's bytes, as the digest is of them",
      },
      {
        command: "dray inspect --remote --platform linux/arm64 alpine",
        does: "without pulling it",
      },
    ],
    exitCodes: "3 not in the store, 6 damaged content; with --remote also " +
      "4 access refused, 5 registry out of reach",
    network: true,
  },
  flags: {
    platform: {
      kind: "parsed",
      parse: String,
      optional: true,
      placeholder: "OS/ARCH[/VARIANT]",
      brief: "Of the image's platforms, this one",
    },
    raw: {
      kind: "boolean",
      default: false,
      withNegated: false,
      brief:
        "The manifest's bytes as they are (the index's without --platform)",
    },
    config: {
      kind: "boolean",
      default: false,
      withNegated: false,
      brief: "The config's bytes as they are",
    },
    layers: {
      kind: "boolean",
      default: false,
      withNegated: false,
      brief: "Each layer with its command, its size and its share as a bar",
    },
    remote: {
      kind: "boolean",
      default: false,
      withNegated: false,
      brief: "Ask the registry, and store nothing",
    },
    ...CREDENTIAL_FLAGS,
  },
  aliases: CREDENTIAL_ALIASES,
  args: { placeholder: "REF", brief: "An image reference", min: 1, max: 1 },
  load: async () => {
    const { runInspect }: typeof import("./run_inspect.ts") = await import(
      "./run_inspect.ts" as string
    );
    return runInspect;
  },
});
