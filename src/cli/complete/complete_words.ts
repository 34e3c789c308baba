import type { CliCommand } from "../define_command.ts";
import {
  findCommand,
  findOption,
  optionsOf,
  readLine,
  takesValue,
  type TypedLine,
} from "../typed_line.ts";
import {
  type Completion,
  type KnownNames,
  NOTHING,
  prefixed,
  proposeCommands,
  proposeKind,
  proposeValues,
} from "./propose_values.ts";
import { kindOfArgument } from "./value_kind.ts";

/** What one completion is about. */
export interface CompletionRequest {
  /** The words before the cursor's, without the program's name. */
  readonly words: readonly string[];
  /** The word at the cursor, up to it. */
  readonly current: string;
  readonly commands: readonly CliCommand[];
  /** Opened with the options that the line has, since `--store` is among them. */
  readonly openNames: (given: TypedLine["given"]) => KnownNames;
}

/** The words that may stand at the cursor; everything comes from the commands' definitions. */
export async function completeWords(
  request: CompletionRequest,
): Promise<Completion> {
  const { words, current, commands } = request;
  const line = readLine(words, commands);
  const command = findCommand(commands, line.command);
  const found = await proposeWords(request, line, command);
  return {
    ...found,
    candidates: found.candidates.filter(({ value }) =>
      value.startsWith(current)
    ),
  };
}

async function proposeWords(
  request: CompletionRequest,
  line: TypedLine,
  command: CliCommand | undefined,
): Promise<Completion> {
  const { current, commands } = request;
  const names = request.openNames(line.given);
  if (line.awaited !== undefined) {
    return await proposeValues(line.awaited.flag, current, names, commands);
  }
  const equals = current.indexOf("=");
  if (!line.escaped && current.startsWith("--") && equals > 0) {
    const option = findOption(current.slice(0, equals), command);
    if (option === undefined || !takesValue(option)) return NOTHING;
    const start = current.slice(0, equals + 1);
    const typed = current.slice(equals + 1);
    const values = await proposeValues(option.flag, typed, names, commands);
    return prefixed(values, start);
  }
  if (!line.escaped && current.startsWith("-")) {
    return proposeOptions(line, command);
  }
  if (line.command === undefined) return proposeCommands(commands);
  if (line.command === "help" && line.argumentCount === 0) {
    return proposeCommands(commands);
  }
  if (command === undefined) return NOTHING;
  const kind = kindOfArgument(command.args, line.argumentCount);
  return await proposeKind(kind, current, names, commands);
}

/** Those that may still be given. */
function proposeOptions(
  line: TypedLine,
  command: CliCommand | undefined,
): Completion {
  const open = optionsOf(command)
    .filter(({ text, flag }) => flag.variadic === true || !line.given.has(text))
    .map(({ text, flag }) => ({ value: text, description: flag.brief }));
  const more = line.command === undefined
    ? [{ value: "--version", description: "Print the version" }]
    : line.command === "help"
    ? [{ value: "--man", description: "As a manual page, in roff" }]
    : [];
  const help = { value: "--help", description: "Explain it" };
  return { candidates: [...open, help, ...more], paths: "none" };
}
