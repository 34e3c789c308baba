import { EXPORT_FORMATS, type ExportFormat } from "../../spec/export_format.ts";
import { type CliCommand, defineCommand } from "../define_command.ts";
import { UNPACK_LIMIT_FLAG, type UnpackLimit } from "../unpack_limit_flag.ts";

/** Options of `dray export`. */
export interface ExportFlags {
  readonly format: ExportFormat;
  readonly output?: string;
  readonly platform?: readonly string[];
  readonly keepIndex: boolean;
  readonly noSync: boolean;
  readonly limit?: readonly UnpackLimit[];
}

/** `dray export REF... -o PATH` */
export const exportCommand: CliCommand = defineCommand<ExportFlags>({
  name: "export",
  docs: {
    brief: "Hand images to other tools",
    description:
      "Writes images of the store as an OCI archive (the default), an OCI " +
      "layout folder, an archive for docker load, or (rootfs-tar) the merged " +
      "root filesystem of one image. The same images give " +
      "the same bytes, every blob is hashed on its way, and what is at PATH " +
      "is there whole or not at all: a file that is there is replaced, a " +
      "layout folder gains the images. Manifests stay as they are, so " +
      "digests do, too. An index that lists platforms which are not " +
      "exported would lead other tools astray: it is left out, and the " +
      "digest is another; with --keep-index it stays. skopeo finds Docker " +
      "schema 2 images in OCI forms only where there is one image and no " +
      "name is given. A docker archive holds one platform and no manifest: " +
      "this machine's, unless --platform says otherwise. So does a " +
      "rootfs-tar, in which folders follow what is in them, so that tar sets " +
      "their modes and times last.",
    examples: [
      {
        command: "dray export alpine -o alpine.tar",
        does: "for podman load, skopeo, ctr, or dray import",
      },
      {
        command:
          "dray export --format docker-archive alpine -o - | docker load",
        does: "into docker, without a file",
      },
      {
        command: "dray export --format rootfs-tar alpine -o - | tar x -C root",
        does: "all layers merged, owners and all",
      },
      {
        command: "dray export --format oci-dir alpine busybox -o layout",
        does: "two images in one folder",
      },
    ],
    exitCodes: "3 not in the store, 6 damaged content, 7 local disk or " +
      "permission, 130 interrupted",
    network: false,
  },
  flags: {
    format: {
      kind: "enum",
      values: EXPORT_FORMATS,
      default: "oci-archive",
      placeholder: "FORM",
      brief: EXPORT_FORMATS.join(", "),
    },
    output: {
      kind: "parsed",
      parse: String,
      optional: true,
      placeholder: "PATH",
      brief: "Where to; - is stdout, for archives. Required",
    },
    platform: {
      kind: "parsed",
      parse: String,
      variadic: true,
      optional: true,
      placeholder: "OS/ARCH[/VARIANT]",
      brief: "Of the stored platforms, this one; repeatable. Default: all",
    },
    keepIndex: {
      kind: "boolean",
      default: false,
      withNegated: false,
      brief: "Keep an index and its digest, though platforms are missing",
    },
    noSync: {
      kind: "boolean",
      default: false,
      withNegated: false,
      brief: "Faster, but a power loss may cost what was exported",
    },
    limit: {
      ...UNPACK_LIMIT_FLAG,
      brief: `For rootfs-tar. ${UNPACK_LIMIT_FLAG.brief}`,
    },
  },
  aliases: { o: "output" },
  args: { placeholder: "REF", brief: "Image references", min: 1 },
  load: async () => {
    const { runExport }: typeof import("./run_export.ts") = await import(
      "./run_export.ts" as string
    );
    return runExport;
  },
});
