import { CREDENTIAL_FLAGS, type CredentialFlags } from "../credential_flags.ts";
import { UNPACK_LIMIT_FLAG, type UnpackLimit } from "../unpack_limit_flag.ts";

/** Options of the commands that look into an image. */
export interface LookFlags extends CredentialFlags {
  readonly platform?: string;
  readonly remote: boolean;
  readonly limit?: readonly UnpackLimit[];
}

/** The options of {@linkcode LookFlags}. */
export const LOOK_FLAGS = {
  platform: {
    kind: "parsed",
    parse: String,
    optional: true,
    placeholder: "OS/ARCH[/VARIANT]",
    brief: "Of the image's platforms, this one",
  },
  remote: {
    kind: "boolean",
    default: false,
    withNegated: false,
    brief: "Ask the registry, and store nothing",
  },
  limit: UNPACK_LIMIT_FLAG,
  ...CREDENTIAL_FLAGS,
} as const;
