import type { CliCommand, FlagDocs } from "../define_command.ts";
import { COMMON_PLATFORMS } from "./common_platforms.ts";
import { SHELLS } from "./shells.ts";
import { kindOfPlaceholder, type ValueKind } from "./value_kind.ts";

/** A word that may stand at the cursor. */
export interface Candidate {
  readonly value: string;
  readonly description?: string;
}

/** What may stand at the cursor: words, and what the shell itself knows best. */
export interface Completion {
  readonly candidates: readonly Candidate[];
  readonly paths: "none" | "files" | "folders";
}

/** Names that are known from the store. */
export interface KnownNames {
  /** @param typed What stands at the cursor already. */
  readonly references: (typed: string) => Promise<readonly string[]>;
  readonly repositories: (typed: string) => Promise<readonly string[]>;
  readonly registries: () => Promise<readonly string[]>;
}

/** No proposal. */
export const NOTHING: Completion = { candidates: [], paths: "none" };

/** All commands. */
export function proposeCommands(commands: readonly CliCommand[]): Completion {
  const candidates = commands.map(({ name, docs }) => ({
    value: name,
    description: docs.brief,
  }));
  const help = { value: "help", description: "Explain dray or a command" };
  return { candidates: [...candidates, help], paths: "none" };
}

/** Values of an option. */
export async function proposeValues(
  flag: FlagDocs,
  typed: string,
  names: KnownNames,
  commands: readonly CliCommand[],
): Promise<Completion> {
  if (flag.values !== undefined) return wordsOnly(flag.values);
  const kind = kindOfPlaceholder(flag.placeholder);
  return await proposeKind(kind, typed, names, commands);
}

/** Values of a kind. */
export async function proposeKind(
  kind: ValueKind,
  typed: string,
  names: KnownNames,
  commands: readonly CliCommand[],
): Promise<Completion> {
  switch (kind) {
    case "reference":
      return wordsOnly(await names.references(typed));
    case "repository":
      return wordsOnly(await names.repositories(typed));
    case "registry":
      return wordsOnly(await names.registries());
    case "platform":
      return wordsOnly(COMMON_PLATFORMS);
    case "shell":
      return wordsOnly(SHELLS);
    case "command":
      return proposeCommands(commands);
    case "file":
      return { candidates: [], paths: "files" };
    case "folder":
      return { candidates: [], paths: "folders" };
    case "free":
      return NOTHING;
  }
}

function wordsOnly(values: readonly string[]): Completion {
  return { candidates: values.map((value) => ({ value })), paths: "none" };
}

/** The same behind `--option=`. */
export function prefixed(
  { candidates, paths }: Completion,
  start: string,
): Completion {
  return {
    candidates: candidates.map((candidate) => ({
      ...candidate,
      value: start + candidate.value,
    })),
    paths,
  };
}
