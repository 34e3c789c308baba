import { type CliCommand, defineCommand } from "../define_command.ts";
import { parseAge } from "../parse_age.ts";

/** Options of `dray prune`. */
export interface PruneFlags {
  readonly dryRun: boolean;
  /** Milliseconds. */
  readonly partialsOlderThan: number;
}

/** `dray prune` */
export const pruneCommand: CliCommand = defineCommand<PruneFlags>({
  name: "prune",
  docs: {
    brief: "Delete what no reference needs",
    description:
      "Deletes blobs and unpacked layers that no reference needs, and " +
      "partial downloads that nobody went on with for a week. Waits for " +
      "whoever uses what is in the store: pulls, exports, and a mirror (dray " +
      "serve --upstream) until half a minute after it fetched something.",
    examples: [
      { command: "dray prune --dry-run", does: "what would be freed" },
      { command: "dray rm alpine:3.19 && dray prune", does: "an image, gone" },
      {
        command: "dray prune --partials-older-than 0",
        does: "interrupted downloads too, whatever their age",
      },
    ],
    exitCodes: "7 local disk or permission, 130 interrupted",
    network: false,
  },
  flags: {
    dryRun: {
      kind: "boolean",
      default: false,
      withNegated: false,
      brief: "Say what would be deleted, and delete nothing",
    },
    partialsOlderThan: {
      kind: "parsed",
      parse: parseAge,
      default: "7d",
      placeholder: "AGE",
      brief: "Partial downloads from this age on: 12h, 7d, 0 for all",
    },
  },
  args: { placeholder: "", brief: "", min: 0, max: 0 },
  load: async () => {
    const { runPrune }: typeof import("./run_prune.ts") = await import(
      "./run_prune.ts" as string
    );
    return runPrune;
  },
});
