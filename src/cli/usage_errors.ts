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
import { findNearest } from "./find_nearest.ts";
import {
  didYouMean,
  hintForCommand,
  hintForOption,
  nearestOption,
} from "./suggest.ts";

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
