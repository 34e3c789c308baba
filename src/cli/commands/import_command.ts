import { type CliCommand, defineCommand } from "../define_command.ts";

/** Options of `dray import`. */
export interface ImportFlags {
  readonly tag?: readonly string[];
  readonly image?: string;
  readonly acceptNames: boolean;
  readonly list: boolean;
  readonly platform?: readonly string[];
  readonly noSync: boolean;
}

/** `dray import PATH` */
export const importCommand: CliCommand = defineCommand<ImportFlags>({
  name: "import",
  docs: {
    brief: "Take images from other tools into the store",
    description:
      "Brings images into the store from an OCI layout folder, an OCI " +
      "archive or an archive of docker save, compressed or not, and prints " +
      "the digest of each. Every blob is verified on its way in. An archive " +
      "may call its images whatever it likes, so no name is taken from it " +
      "unless you say so: give one with --tag, choose one with --image, or " +
      "take them all with --accept-names. Without, images are kept by " +
      "digest, as localhost/imported@sha256:…. A docker archive has no " +
      "manifest: it gets one, always the same, so its digest is not the " +
      "registry's.",
    examples: [
      {
        command: "dray import alpine.tar --tag alpine:3.20",
        does: "the one image of an archive, under your name",
      },
      {
        command: "dray import backup.tar --accept-names",
        does: "all images, as the archive calls them",
      },
      {
        command: "dray import --image app:1 -",
        does: "what docker save app:1 pipes in",
      },
    ],
    exitCodes: "3 no such image or platform in it, " +
      "6 damaged or hostile content, 7 local disk or permission, " +
      "130 interrupted",
    network: false,
  },
  flags: {
    tag: {
      kind: "parsed",
      parse: String,
      variadic: true,
      optional: true,
      placeholder: "REF",
      brief: "Call the image so; repeatable",
    },
    image: {
      kind: "parsed",
      parse: String,
      optional: true,
      placeholder: "NAME",
      brief: "This one: its name in the archive, or the start of its digest",
    },
    acceptNames: {
      kind: "boolean",
      default: false,
      withNegated: false,
      brief: "Take the names that the archive gives its images",
    },
    list: {
      kind: "boolean",
      default: false,
      withNegated: false,
      brief: "List the images and import nothing",
    },
    platform: {
      kind: "parsed",
      parse: String,
      variadic: true,
      optional: true,
      placeholder: "OS/ARCH[/VARIANT]",
      brief: "Of the platforms in it, this one; repeatable. Default: all",
    },
    noSync: {
      kind: "boolean",
      default: false,
      withNegated: false,
      brief: "Faster, but a power loss may cost what was imported",
    },
  },
  args: {
    placeholder: "PATH",
    brief: "A file or a folder; - is stdin",
    min: 1,
    max: 1,
  },
  load: async () => {
    const { runImport }: typeof import("./run_import.ts") = await import(
      "./run_import.ts" as string
    );
    return runImport;
  },
});
