import type { CliCommand, FlagDocs } from "./define_command.ts";
import { flagText, GLOBAL_ALIASES, GLOBAL_FLAGS } from "./global_flags.ts";
import { splitLetters } from "./split_letters.ts";

/** An option as it is typed, and its definition. */
export interface TypedOption {
  readonly text: string;
  readonly flag: FlagDocs;
}

/** What the words before the one at the cursor say. */
export interface TypedLine {
  /** The first word that is no option. */
  readonly command?: string;
  /** Of the command, those so far. */
  readonly argumentCount: number;
  /** The option whose value the word at the cursor is. */
  readonly awaited?: TypedOption;
  /** Options given so far, with their last values. */
  readonly given: ReadonlyMap<string, string>;
  /** Whether `--` stood before: no options follow. */
  readonly escaped: boolean;
}

/** All options of a command and the global ones; the latter alone where there is no command. */
export function optionsOf(
  command: CliCommand | undefined,
): readonly TypedOption[] {
  // Sound: every definition has what the help reads.
  const globals = GLOBAL_FLAGS as unknown as Readonly<Record<string, FlagDocs>>;
  return Object.entries({ ...command?.flags, ...globals })
    .map(([key, flag]) => ({ text: flagText(key), flag }));
}

/** Reads the words before the cursor, as far as they can be understood. */
export function readLine(
  words: readonly string[],
  commands: readonly CliCommand[],
): TypedLine {
  let line: TypedLine = {
    argumentCount: 0,
    given: new Map(),
    escaped: false,
  };
  for (const word of splitLetters(words)) {
    line = readWord(line, word, findCommand(commands, line.command));
  }
  return line;
}

/** The command of a name. */
export function findCommand(
  commands: readonly CliCommand[],
  name: string | undefined,
): CliCommand | undefined {
  return commands.find((command) => command.name === name);
}

/** Whether an option is followed by a value. */
export function takesValue({ flag }: TypedOption): boolean {
  return flag.kind === "enum" || flag.kind === "parsed";
}

function readWord(
  line: TypedLine,
  word: string,
  command: CliCommand | undefined,
): TypedLine {
  const { awaited, ...rest } = line;
  if (awaited !== undefined) return withOption(rest, awaited.text, word);
  if (line.escaped || !/^-./.test(word)) return withArgument(rest, word);
  if (word === "--") return { ...rest, escaped: true };
  const equals = word.indexOf("=");
  const name = equals < 0 ? word : word.slice(0, equals);
  const option = findOption(name, command);
  if (option === undefined) return rest;
  if (equals >= 0) {
    return withOption(rest, option.text, word.slice(equals + 1));
  }
  return takesValue(option)
    ? { ...rest, awaited: option }
    : withOption(rest, option.text, "");
}

function withArgument(
  line: Omit<TypedLine, "awaited">,
  word: string,
): TypedLine {
  return line.command === undefined
    ? { ...line, command: word }
    : { ...line, argumentCount: line.argumentCount + 1 };
}

function withOption(
  line: Omit<TypedLine, "awaited">,
  option: string,
  value: string,
): TypedLine {
  return { ...line, given: new Map(line.given).set(option, value) };
}

/** An option by its long or its one-letter form. */
export function findOption(
  name: string,
  command: CliCommand | undefined,
): TypedOption | undefined {
  const letters: Readonly<Record<string, string>> = {
    ...GLOBAL_ALIASES,
    ...command?.aliases,
  };
  const letter = /^-([A-Za-z])$/.exec(name)?.[1];
  const key = letter === undefined ? undefined : letters[letter];
  const text = key === undefined ? name : flagText(key);
  return optionsOf(command).find((option) => option.text === text);
}
