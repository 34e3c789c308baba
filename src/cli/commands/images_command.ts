import { type CliCommand, defineCommand } from "../define_command.ts";

/** `dray images` */
export const imagesCommand: CliCommand = defineCommand<
  Record<never, never>
>({
  name: "images",
  docs: {
    brief: "List what is in the store",
    description: "Lists the images in the local store.",
    examples: [
      { command: "dray images", does: "as a table" },
      { command: "dray images -q", does: "the references alone" },
      {
        command: "dray images --json",
        does: "one JSON object a line, with sizes in bytes",
      },
    ],
    exitCodes: "7 local disk or permission",
    network: false,
  },
  flags: {},
  args: { placeholder: "", brief: "", min: 0, max: 0 },
  load: async () => (await import("./run_images.ts")).runImages,
});
