import { type CliCommand, defineCommand } from "../define_command.ts";

/** Options of `dray images`. */
export interface ImagesFlags {
  readonly digests: boolean;
}

/** `dray images [PATTERN...]` */
export const imagesCommand: CliCommand = defineCommand<ImagesFlags>({
  name: "images",
  docs: {
    brief: "List what is in the store",
    description:
      "Lists the images in the local store, or those that a pattern fits: " +
      "a repository, a reference, or either with * for any text.",
    examples: [
      { command: "dray images", does: "as a table" },
      { command: "dray images alpine", does: "all tags of a repository" },
      { command: "dray images 'ghcr.io/*'", does: "all of a registry" },
      { command: "dray images --digests", does: "with whole digests" },
      { command: "dray images -q", does: "the references alone" },
      {
        command: "dray images --json",
        does: "one JSON object a line, with sizes in bytes",
      },
    ],
    exitCodes: "7 local disk or permission",
    network: false,
  },
  flags: {
    digests: {
      kind: "boolean",
      default: false,
      withNegated: false,
      brief: "Whole digests",
    },
  },
  args: { placeholder: "PATTERN", brief: "Which images", min: 0 },
  load: async () => {
    const { runImages }: typeof import("./run_images.ts") = await import(
      "./run_images.ts" as string
    );
    return runImages;
  },
});
