import {
  AliasNotFoundError,
  ArgumentParseError,
  EnumValidationError,
  FlagNotFoundError,
  UnexpectedFlagError,
  UnexpectedPositionalError,
  UnsatisfiedFlagError,
  UnsatisfiedPositionalError,
} from "@stricli/core";
import { DrayError, UsageError } from "../errors.ts";
import { quoteText } from "../spec/escape_text.ts";
import { COMMANDS } from "./commands.ts";
import { findNearest } from "./find_nearest.ts";
import { findCommand, findOption, optionsOf } from "./typed_line.ts";

/**
 * What the argument parser objects to, in dray's words.
 *
 * @param command The command's name, where one was recognized.
 */
export function toUsageError(error: unknown, command?: string): UsageError {
  if (error instanceof UsageError) return error;
  const help = command === undefined ? "dray help" : `dray help ${command}`;
  const [problem, hint] = describe(error, command);
  const action = command === undefined
    ? "Cannot run dray"
    : `Cannot run "dray ${command}"`;
  return new UsageError("usage", `${action}: ${problem}`, {
    cause: error,
    hint: hint ?? `see "${help}"`,
  });
}

/** What other programs call it. */
const SYNONYMS: Readonly<Record<string, string>> = {
  list: "images",
  image: "images",
  ps: "images",
  remove: "rm",
  delete: "rm",
  rmi: "rm",
  gc: "prune",
  clean: "prune",
  fsck: "verify",
  check: "verify",
  validate: "verify",
  save: "export",
  load: "import",
  extract: "unpack",
  copy: "pull",
  fetch: "pull",
  download: "pull",
  show: "inspect",
  manifest: "inspect",
  registry: "serve",
  completion: "completions",
  settings: "config",
  du: "df",
};

/** A command that doesn't exist, or an option in its place. */
export function unknownCommand(input: string): UsageError {
  const isOption = input.startsWith("-");
  const what = isOption ? "option" : "command";
  return new UsageError(
    "usage",
    `Cannot run dray: there is no ${what} ${quoteText(input)}`,
    {
      hint: isOption ? hintForOption(input) : hintForCommand(input),
    },
  );
}

function hintForCommand(input: string): string {
  const names = [...COMMANDS.map(({ name }) => name), "help"];
  const synonym = Object.hasOwn(SYNONYMS, input) ? SYNONYMS[input] : undefined;
  const known = names.find((name) => name === synonym);
  return didYouMean(known ?? findNearest(input, names)) ??
    'see "dray help" for the commands';
}

/** Only global options stand in front of a command. */
function hintForOption(input: string): string {
  const name = input.split("=", 1)[0] ?? input;
  const owner = COMMANDS.find((command) =>
    findOption(name, command) !== undefined
  );
  if (owner !== undefined) {
    return `the options of a command stand behind it: dray ${owner.name} ${name}`;
  }
  return didYouMean(nearestOption(name, undefined)) ??
    'see "dray help" for the options';
}

function nearestOption(
  name: string,
  command: string | undefined,
): string | undefined {
  const options = optionsOf(findCommand(COMMANDS, command));
  return findNearest(kebab(name), options.map(({ text }) => text));
}

/** `--maxConnections` is meant as `--max-connections`. */
function kebab(name: string): string {
  return name.replaceAll("_", "-")
    .replace(/(?<=[a-z])[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
}

function describe(
  error: unknown,
  command: string | undefined,
): readonly [string, string | undefined] {
  if (error instanceof FlagNotFoundError) {
    const option = withDashes(error.input);
    return [
      `there is no option ${quoteText(option)}`,
      didYouMean(nearestOption(option, command)),
    ];
  }
  if (error instanceof AliasNotFoundError) {
    return [`there is no option ${quoteText(`-${error.input}`)}`, undefined];
  }
  if (error instanceof ArgumentParseError) return describeValue(error);
  if (error instanceof EnumValidationError) {
    const option = withDashes(error.externalFlagName);
    const values = error.values.join(", ");
    return [
      `option "${option}" has no value ${quoteText(error.input)}`,
      didYouMean(findNearest(error.input, error.values)) ??
        `use one of ${values}`,
    ];
  }
  if (error instanceof UnsatisfiedFlagError) {
    return [
      `option "${withDashes(error.externalFlagName)}" lacks its value`,
      undefined,
    ];
  }
  if (error instanceof UnexpectedFlagError) {
    return [
      `option "${withDashes(error.externalFlagName)}" is given twice`,
      undefined,
    ];
  }
  if (error instanceof UnexpectedPositionalError) {
    // The parser takes an option with unusual characters for an argument.
    if (/^-./.test(error.input)) {
      return [`there is no option ${quoteText(error.input)}`, undefined];
    }
    return [
      `there is no use for argument ${quoteText(error.input)}`,
      undefined,
    ];
  }
  if (error instanceof UnsatisfiedPositionalError) {
    return [`argument ${missingName(error)} is missing`, undefined];
  }
  return [error instanceof Error ? error.message : String(error), undefined];
}

/** Of `REF DIR` the one that was to come. */
function missingName(
  { placeholder, limit }: UnsatisfiedPositionalError,
): string {
  const names = placeholder.split(" ");
  return names[limit?.[1] ?? 0] ?? names.at(-1) ?? placeholder;
}

function describeValue(
  error: ArgumentParseError,
): readonly [string, string | undefined] {
  const option = withDashes(error.externalFlagNameOrPlaceholder);
  const { exception } = error;
  if (exception instanceof DrayError) {
    // Its own first words, "Cannot read duration", would be said twice.
    const why = exception.message.replace(/^Cannot /, "cannot ");
    return [`option "${option}": ${why}`, exception.hint];
  }
  return [
    `option "${option}" takes no value ${quoteText(error.input)}`,
    undefined,
  ];
}

function withDashes(name: string): string {
  return name.startsWith("-") ? name : `--${name}`;
}

function didYouMean(nearest: string | undefined): string | undefined {
  return nearest === undefined ? undefined : `did you mean "${nearest}"?`;
}
