import { UsageError } from "../errors.ts";
import { quoteText } from "../spec/escape_text.ts";
import { globalOptionTakesValue } from "./global_flags.ts";
import { splitLetters } from "./split_letters.ts";

/** What a command line asks for. */
export type Arrangement =
  | {
    readonly kind: "help";
    readonly command?: string;
    /** As a manual page. Default: false. */
    readonly man?: true;
  }
  | { readonly kind: "version" }
  | { readonly kind: "none" }
  /** The command first, then all options and arguments. */
  | { readonly kind: "command"; readonly arguments: readonly string[] };

/**
 * Brings a command line into the order that the argument parser knows: global
 * options in front of the command go behind it, and letters are taken apart.
 *
 * @param typed As typed, without the program's name.
 * @throws UsageError usage, where an option lacks its value.
 */
export function arrangeArguments(typed: readonly string[]): Arrangement {
  const args = splitLetters(typed);
  // The parser would take an option with an empty value for an argument.
  const empty = beforeEscape(args).find((text) => /^-[^=]*=$/.test(text));
  if (empty !== undefined) throw missingValue(empty.slice(0, -1));
  const { globals, rest } = splitLeadingGlobals(args);
  const [first, ...others] = rest;
  switch (first) {
    case undefined:
      return { kind: "none" };
    case "--help":
    case "-h":
      return { kind: "help" };
    case "--version":
    case "-V":
    case "version":
      return { kind: "version" };
    case "help":
      return helpOf(others);
    default:
      return asksForHelp(others)
        ? { kind: "help", command: first }
        : { kind: "command", arguments: behind(first, globals, others) };
  }
}

/** The later option wins: `dray --store A images --store B` is about B. */
function behind(
  command: string,
  globals: readonly (readonly string[])[],
  others: readonly string[],
): readonly string[] {
  const later = [
    ...globals.map(([text]) => text ?? ""),
    ...beforeEscape(others),
  ]
    .map(optionName);
  const kept = globals.filter(([text], index) =>
    !later.includes(optionName(text ?? ""), index + 1)
  );
  return [command, ...kept.flat(), ...others];
}

function splitLeadingGlobals(
  args: readonly string[],
): { globals: readonly (readonly string[])[]; rest: readonly string[] } {
  const globals: (readonly string[])[] = [];
  let index = 0;
  while (index < args.length) {
    const option = args[index] ?? "";
    const takesValue = globalOptionTakesValue(optionName(option));
    if (takesValue === undefined) break;
    const separate = takesValue && !option.includes("=");
    if (separate && index + 1 >= args.length) {
      throw new UsageError(
        "usage",
        `Cannot use option "${option}": its value is missing`,
      );
    }
    const length = separate ? 2 : 1;
    globals.push(args.slice(index, index + length));
    index += length;
  }
  return { globals, rest: args.slice(index) };
}

function optionName(text: string): string {
  return text === "-q" ? "--quiet" : text.split("=", 1)[0] ?? "";
}

function helpOf(rest: readonly string[]): Arrangement {
  const [command] = rest.filter((text) => !/^-|^help$/.test(text));
  return {
    kind: "help",
    ...(command === undefined ? {} : { command }),
    ...(rest.includes("--man") ? { man: true } : {}),
  };
}

function asksForHelp(args: readonly string[]): boolean {
  return beforeEscape(args).some((text) => text === "--help" || text === "-h");
}

/** What stands before `--`, where options end. */
function beforeEscape(args: readonly string[]): readonly string[] {
  const end = args.indexOf("--");
  return end === -1 ? args : args.slice(0, end);
}

function missingValue(option: string): UsageError {
  return new UsageError(
    "usage",
    `Cannot use option ${quoteText(option)}: its value is missing`,
  );
}
