import { type CliCommand, defineCommand } from "../define_command.ts";

/** Options of `dray verify`. */
export interface VerifyFlags {
  readonly repair: boolean;
}

/** `dray verify [REF...]` */
export const verifyCommand: CliCommand = defineCommand<VerifyFlags>({
  name: "verify",
  docs: {
    brief: "Hash what is stored again, and mend it",
    description:
      "Hashes every blob of the store again, or those of some images, and " +
      "prints what is missing or corrupt. With --repair it fetches that " +
      "again from where it came from, and makes a new database where that " +
      "is damaged or lost.",
    examples: [
      { command: "dray verify", does: "the whole store" },
      { command: "dray verify alpine:3.20", does: "one image" },
      { command: "dray verify --repair", does: "mend what is damaged" },
    ],
    exitCodes: "3 not in the store, 6 missing or corrupt content, " +
      "7 local disk or permission",
    network: true,
  },
  flags: {
    repair: {
      kind: "boolean",
      default: false,
      withNegated: false,
      brief: "Fetch what is damaged again",
    },
  },
  args: {
    placeholder: "REF",
    brief: "Image references; without, the whole store",
    min: 0,
  },
  load: async () => {
    const { runVerify }: typeof import("./run_verify.ts") = await import(
      "./run_verify.ts" as string
    );
    return runVerify;
  },
});
