import type { CliHost } from "../cli_context.ts";
import { COMMANDS } from "../commands.ts";
import { defaultStoreDir } from "../default_dirs.ts";
import { type Candidate, completeWords } from "./complete_words.ts";
import { storedNames } from "./stored_names.ts";

/** More than anybody reads; a shell would ask first. */
const MAX_CANDIDATES = 2_000;

/**
 * Answers a completion script: what the shell itself completes (`:none`, `:files`, `:folders`),
 * then a candidate a line, with a tab before what it means. Whatever goes wrong gives no
 * candidates: a person is in the middle of typing.
 *
 * @param args `=` and the word at the cursor, then the words before it. The `=` is there since
 * PowerShell drops empty arguments.
 */
export async function runComplete(
  args: readonly string[],
  host: CliHost,
): Promise<void> {
  const [current = "=", ...words] = args;
  const { paths, candidates } = await completeWords({
    words,
    current: current.slice(1),
    commands: COMMANDS,
    openNames: (given) =>
      storedNames({
        storeDir: given.get("--store") ?? findStoreDir(host),
        defaultRegistry: host.environment.DRAY_DEFAULT_REGISTRY,
      }),
  });
  const lines = candidates.slice(0, MAX_CANDIDATES).map(candidateLine);
  const text = [`:${paths}`, ...lines].map((line) => line + "\n").join("");
  host.stdio.writeOut(new TextEncoder().encode(text));
}

function candidateLine({ value, description }: Candidate): string {
  return description === undefined ? value : `${value}\t${description}`;
}

function findStoreDir({ environment, os }: CliHost): string | undefined {
  try {
    return defaultStoreDir(environment, os);
  } catch {
    return undefined;
  }
}
