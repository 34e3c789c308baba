import {
  CREDENTIAL_ALIASES,
  CREDENTIAL_FLAGS,
  type CredentialFlags,
} from "../credential_flags.ts";
import { type CliCommand, defineCommand } from "../define_command.ts";

/** `dray digest REF` */
export const digestCommand: CliCommand = defineCommand<CredentialFlags>({
  name: "digest",
  docs: {
    brief: "Ask a registry for the digest of a reference",
    description: "Asks the registry which digest a reference resolves to " +
      "now, and stores nothing. Where it can it asks in a way that " +
      "registries don't count as a pull.",
    examples: [
      { command: "dray digest alpine:3.20", does: "the digest alone" },
      {
        command: "dray digest --json ghcr.io/org/app:1.2",
        does: "with the canonical reference, for a script",
      },
    ],
    exitCodes: "3 not found, 4 access refused, 5 registry out of reach, " +
      "130 interrupted",
    network: true,
  },
  flags: CREDENTIAL_FLAGS,
  aliases: CREDENTIAL_ALIASES,
  args: { placeholder: "REF", brief: "An image reference", min: 1, max: 1 },
  load: async () => {
    const { runDigest }: typeof import("./run_digest.ts") = await import(
      "./run_digest.ts" as string
    );
    return runDigest;
  },
});
