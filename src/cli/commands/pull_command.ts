import {
  CREDENTIAL_ALIASES,
  CREDENTIAL_FLAGS,
  type CredentialFlags,
} from "../credential_flags.ts";
import { type CliCommand, defineCommand } from "../define_command.ts";
import { parseConnections } from "../parse_connections.ts";
import { parseRate } from "../parse_rate.ts";
import { UNPACK_LIMIT_FLAG, type UnpackLimit } from "../unpack_limit_flag.ts";
import { WHITEOUT_CHOICES } from "../whiteout_choices.ts";

/** Options of `dray pull`. */
export interface PullFlags extends CredentialFlags {
  readonly platform?: readonly string[];
  readonly allPlatforms: boolean;
  readonly maxConnections: number;
  readonly fromFile?: string;
  readonly force: boolean;
  readonly dryRun: boolean;
  readonly explain: boolean;
  /** Bytes a second. */
  readonly limitRate?: number;
  readonly noSync: boolean;
  readonly unpack: boolean;
  readonly whiteouts?: typeof WHITEOUT_CHOICES[number];
  readonly limit?: readonly UnpackLimit[];
}

/** `dray pull REF...` */
export const pullCommand: CliCommand = defineCommand<PullFlags>({
  name: "pull",
  resumes: true,
  docs: {
    brief: "Pull images into the store",
    description:
      "Pulls images into the local store and prints the digest of each. " +
      "What the store has is not transferred again, and what an " +
      "interrupted pull left is used: run the same command again to go on " +
      "where it stopped.",
    examples: [
      { command: "dray pull alpine", does: "docker.io/library/alpine:latest" },
      {
        command: "dray pull ghcr.io/org/app:1.2 quay.io/org/db@sha256:…",
        does: "several, by tag and by digest",
      },
      {
        command: "dray pull --platform linux/arm64 alpine",
        does: "for another machine",
      },
      {
        command: "dray pull --explain alpine",
        does: "which host, mirror, credentials, proxy, and why",
      },
      {
        command: "dray pull --unpack alpine",
        does: "and unpack each layer into a folder of its own",
      },
      {
        command: "dray pull --from-file images.txt --json",
        does: "a list of them, for a script",
      },
    ],
    exitCodes: "3 not found, 4 access refused, 5 registry out of reach, " +
      "6 damaged content, 7 local disk, 130 interrupted",
    network: true,
  },
  flags: {
    platform: {
      kind: "parsed",
      parse: String,
      variadic: true,
      optional: true,
      placeholder: "OS/ARCH[/VARIANT]",
      brief: "This platform, not this machine's; repeatable",
    },
    allPlatforms: {
      kind: "boolean",
      default: false,
      withNegated: false,
      brief: "For every platform that the image has",
    },
    maxConnections: {
      kind: "parsed",
      parse: parseConnections,
      default: "8",
      placeholder: "N",
      brief: "Connections at the same time",
    },
    fromFile: {
      kind: "parsed",
      parse: String,
      optional: true,
      placeholder: "FILE",
      brief: "References from a file, one a line; - is stdin",
    },
    force: {
      kind: "boolean",
      default: false,
      withNegated: false,
      brief: "Resolve and verify again what is in the store",
    },
    dryRun: {
      kind: "boolean",
      default: false,
      withNegated: false,
      brief: "Say what would be downloaded, and download nothing",
    },
    explain: {
      kind: "boolean",
      default: false,
      withNegated: false,
      brief: "Say who would be asked, how, and why; download nothing",
    },
    limitRate: {
      kind: "parsed",
      parse: parseRate,
      optional: true,
      placeholder: "RATE",
      brief: "Bytes a second for all connections: 500k, 20M",
    },
    noSync: {
      kind: "boolean",
      default: false,
      withNegated: false,
      brief: "Faster, but a power loss may cost what was pulled",
    },
    unpack: {
      kind: "boolean",
      default: false,
      withNegated: false,
      brief: "Unpack each layer into the store's layers/ while it comes",
    },
    whiteouts: {
      kind: "enum",
      values: WHITEOUT_CHOICES,
      optional: true,
      placeholder: "FORM",
      brief: "With --unpack: oci keeps .wh. files, overlay is for mounts",
    },
    limit: {
      ...UNPACK_LIMIT_FLAG,
      brief: "With --unpack: how much a layer may make, see dray help unpack",
    },
    ...CREDENTIAL_FLAGS,
  },
  aliases: CREDENTIAL_ALIASES,
  args: { placeholder: "REF", brief: "Image references", min: 0 },
  load: async () => {
    const { runPull }: typeof import("./run_pull.ts") = await import(
      "./run_pull.ts" as string
    );
    return runPull;
  },
});
