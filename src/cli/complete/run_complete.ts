import type { CliHost } from "../cli_context.ts";
import { COMMANDS } from "../commands.ts";
import { defaultStoreDir, type OperatingSystem } from "../default_dirs.ts";
import type { Environment } from "../environment.ts";
import { settleArguments } from "../settings/settle_arguments.ts";
import { completeWords } from "./complete_words.ts";
import type { Candidate } from "./propose_values.ts";
import { storedNames, type StoredNamesOptions } from "./stored_names.ts";

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
  const [current = "=", ...others] = args;
  // An old bash makes an empty word of no words.
  const words = others.filter((word) => word !== "");
  const { paths, candidates } = await completeWords({
    words,
    current: current.slice(1),
    commands: COMMANDS,
    openNames: (given) => storedNames(() => findStore(given, host)),
  });
  const lines = candidates.slice(0, MAX_CANDIDATES).map(candidateLine);
  const text = [`:${paths}`, ...lines].map((line) => line + "\n").join("");
  host.stdio.writeOut(new TextEncoder().encode(text));
}

function candidateLine({ value, description }: Candidate): string {
  return description === undefined ? value : `${value}\t${description}`;
}

/** As a command would find it; with a config.toml that can't be used, without that. */
async function findStore(
  given: ReadonlyMap<string, string>,
  host: CliHost,
): Promise<StoredNamesOptions> {
  const configDir = given.get("--config-dir");
  const line = configDir === undefined ? [] : [`--config-dir=${configDir}`];
  const { environment } = await settleArguments(["images", ...line], host)
    .catch(() => host);
  return {
    storeDir: given.get("--store") ?? findStoreDir(environment, host.os),
    defaultRegistry: environment.DRAY_DEFAULT_REGISTRY,
  };
}

function findStoreDir(
  environment: Environment,
  os: OperatingSystem,
): string | undefined {
  try {
    return defaultStoreDir(environment, os);
  } catch {
    return undefined;
  }
}
