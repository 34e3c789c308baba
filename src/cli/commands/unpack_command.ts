import { type CliCommand, defineCommand } from "../define_command.ts";
import { UNPACK_LIMIT_FLAG, type UnpackLimit } from "../unpack_limit_flag.ts";
import { WHITEOUT_CHOICES } from "../whiteout_choices.ts";

/** Options of `dray unpack`. */
export interface UnpackFlags {
  readonly platform?: string;
  readonly layers: boolean;
  readonly whiteouts?: typeof WHITEOUT_CHOICES[number];
  readonly limit?: readonly UnpackLimit[];
}

/** `dray unpack REF DIR` */
export const unpackCommand: CliCommand = defineCommand<UnpackFlags>({
  name: "unpack",
  docs: {
    brief: "Unpack an image of the store into a folder",
    description:
      "Unpacks the image's root filesystem, all layers merged, into a folder " +
      "that is empty or not there, and prints the folder. It is there whole " +
      "or not at all. What this user can't make (owners, devices, extended " +
      "attributes, names that are no UTF-8) is listed in DIR.metadata.jsonl " +
      "beside it. With --layers each layer gets a folder of its own in DIR; " +
      "their paths are printed, lowest first.",
    examples: [
      { command: "dray unpack alpine rootfs", does: "the merged filesystem" },
      {
        command: "dray unpack --platform linux/arm64 alpine rootfs",
        does: "for another machine",
      },
      {
        command: "dray unpack --layers --whiteouts overlay alpine layers",
        does: "lower folders for an overlay mount",
      },
      {
        command: "dray unpack --limit bytes=2G --limit entries=100k alpine r",
        does: "no more than that, whatever the image holds",
      },
    ],
    exitCodes: "3 not in the store, 6 damaged or hostile content, " +
      "7 local disk or permission, 130 interrupted",
    network: false,
  },
  flags: {
    platform: {
      kind: "parsed",
      parse: String,
      optional: true,
      placeholder: "OS/ARCH[/VARIANT]",
      brief: "Of the image's platforms, this one",
    },
    layers: {
      kind: "boolean",
      default: false,
      withNegated: false,
      brief: "One folder a layer, nothing merged",
    },
    whiteouts: {
      kind: "enum",
      values: WHITEOUT_CHOICES,
      optional: true,
      placeholder: "FORM",
      brief: "With --layers: oci keeps .wh. files, overlay is for mounts",
    },
    limit: UNPACK_LIMIT_FLAG,
  },
  args: {
    placeholder: "REF DIR",
    brief: "An image reference and a folder",
    min: 2,
    max: 2,
  },
  load: async () => {
    const { runUnpack }: typeof import("./run_unpack.ts") = await import(
      "./run_unpack.ts" as string
    );
    return runUnpack;
  },
});
