import { CREDENTIAL_FLAGS, type CredentialFlags } from "../credential_flags.ts";

/** Options of the commands that look into an image. */
export interface LookFlags extends CredentialFlags {
  readonly platform?: string;
  readonly remote: boolean;
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
  ...CREDENTIAL_FLAGS,
} as const;
