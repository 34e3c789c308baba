import { CREDENTIAL_ALIASES } from "../credential_flags.ts";
import { type CliCommand, defineCommand } from "../define_command.ts";
import { LOOK_FLAGS, type LookFlags } from "../look/look_flags.ts";

/** `dray cat REF PATH` */
export const catCommand: CliCommand = defineCommand<LookFlags>({
  name: "cat",
  docs: {
    brief: "Print a file of an image, without unpacking it",
    description:
      "Writes the bytes of one file of an image to stdout, as they are. Links " +
      "in PATH are followed as in a container. It reads the layers from the " +
      "top, as many as it takes. From the store, nothing is written before " +
      "the digests of these layers were checked. With --remote it asks the " +
      "registry, stores nothing, and writes the file as it comes: the rest " +
      "of its layer isn't fetched, and so that layer's digest isn't checked; " +
      "those above it are.",
    examples: [
      { command: "dray cat alpine /etc/os-release", does: "what is in there" },
      {
        command: "dray cat app:1 /srv/app.tar | tar t",
        does: "bytes as they are",
      },
      {
        command: "dray cat --remote alpine /etc/os-release",
        does: "without pulling it",
      },
    ],
    exitCodes: "3 no such image or file, 6 damaged or hostile content; with " +
      "--remote also 4 access refused, 5 registry out of reach",
    network: true,
  },
  flags: LOOK_FLAGS,
  aliases: CREDENTIAL_ALIASES,
  args: {
    placeholder: "REF PATH",
    brief: "An image reference and a path in the image",
    min: 2,
    max: 2,
  },
  load: async () => {
    const { runCat }: typeof import("./run_cat.ts") = await import(
      "./run_cat.ts" as string
    );
    return runCat;
  },
});
