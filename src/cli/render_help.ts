import type { CliCommand, CommandExample, FlagDocs } from "./define_command.ts";
import { wrap } from "./wrap_text.ts";
import { flagText, GLOBAL_ALIASES, GLOBAL_FLAGS } from "./global_flags.ts";

const WIDTH = 80;
const MAX_LEFT_WIDTH = 24;

const LOCAL_OPTIONS = [
  "store",
  "configDir",
  "json",
  "quiet",
  "progress",
  "logLevel",
];

/** What `dray help` prints. */
export function renderHelp(commands: readonly CliCommand[]): string {
  return page([
    ["dray pulls container images from any registry into a local store."],
    ["Usage:", "  dray [OPTIONS] COMMAND [ARGUMENTS]"],
    ["Commands:", ...twoColumns(commands.map(commandRow))],
    ["Options, before or after the command:", ...globalRows(true)],
    [
      "Examples:",
      ...exampleLines([
        { command: "dray demo", does: "see it work, with no network" },
        { command: "dray pull alpine:3.20", does: "pull an image" },
        { command: "dray images", does: "see what is in the store" },
      ]),
    ],
    wrap(
      "Exit codes: 0 done, 1 failed, 2 wrong usage, 3 not found, 4 access refused, " +
        "5 registry out of reach, 6 damaged content, 7 local disk or permission, " +
        "130 interrupted.",
      WIDTH,
    ),
    [
      '"dray help COMMAND" tells more about a command; ' +
      "with --man it is a manual",
      "page: dray help --man pull | man -l -",
    ],
  ]);
}

/** What `dray help COMMAND` prints. */
export function renderCommandHelp(command: CliCommand): string {
  const { docs, args, flags } = command;
  const own = Object.entries(flags).map(([key, flag]) =>
    flagRow(key, flag, letterOf(command.aliases, key))
  );
  return page([
    docs.description.split("\n").flatMap((line) => wrap(line, WIDTH)),
    ["Usage:", `  dray ${command.name} [OPTIONS]${argumentText(args)}`],
    own.length === 0 ? [] : ["Options:", ...twoColumns(own)],
    ["Global options:", ...globalRows(docs.network)],
    ["Examples:", ...exampleLines(docs.examples)],
    wrap(
      `Exit codes: 0 done, 1 failed, 2 wrong usage, ${docs.exitCodes}.`,
      WIDTH,
    ),
  ]);
}

type Row = readonly [left: string, right: string];

function page(sections: readonly (readonly string[])[]): string {
  return sections.filter((lines) => lines.length > 0)
    .map((lines) => lines.join("\n") + "\n").join("\n");
}

function commandRow(command: CliCommand): Row {
  return [command.name, command.docs.brief];
}

/** The global options that matter to a command. */
export function globalFlagDocs(
  network: boolean,
): Readonly<Record<string, FlagDocs>> {
  // Sound: the help reads only what every definition has.
  const all = Object.entries(GLOBAL_FLAGS) as [string, FlagDocs][];
  return Object.fromEntries(
    all.filter(([key]) => network || LOCAL_OPTIONS.includes(key)),
  );
}

function globalRows(network: boolean): readonly string[] {
  const rows = Object.entries(globalFlagDocs(network))
    .map(([key, flag]) => flagRow(key, flag, letterOf(GLOBAL_ALIASES, key)));
  return twoColumns([...rows, ["-h, --help", "This help"]]);
}

/** An option as it is typed, and what it means. */
export function flagRow(
  key: string,
  flag: FlagDocs,
  letter: string | undefined,
): Row {
  const short = letter === undefined ? "    " : `-${letter}, `;
  const value = flag.kind === "boolean"
    ? ""
    : ` ${flag.placeholder ?? "VALUE"}`;
  const shown = typeof flag.default === "string" && flag.default !== ""
    ? ` (default ${flag.default})`
    : "";
  return [short + flagText(key) + value, flag.brief + shown];
}

/** The one-letter form of an option. */
export function letterOf(
  aliases: Readonly<Record<string, string>>,
  key: string,
): string | undefined {
  return Object.entries(aliases).find(([, target]) => target === key)?.[0];
}

/** The arguments of a command as its usage shows them, with a blank before. */
export function argumentText(args: CliCommand["args"]): string {
  if (args.placeholder === "") return "";
  const name = args.min === 0 ? `[${args.placeholder}]` : args.placeholder;
  // As many as there are names: none of them repeats.
  const isFull = args.max === args.placeholder.split(" ").length;
  return isFull ? ` ${name}` : ` ${name}...`;
}

function exampleLines(examples: readonly CommandExample[]): readonly string[] {
  return examples.flatMap((
    { command, does },
  ) => [`  # ${does}`, `  ${command}`]);
}

function twoColumns(rows: readonly Row[]): readonly string[] {
  const lefts = rows.map(([left]) => left.length);
  const width = Math.max(...lefts.filter((left) => left <= MAX_LEFT_WIDTH));
  const margin = " ".repeat(width + 4);
  return rows.flatMap(([left, right]) => {
    const [first = "", ...rest] = wrap(right, WIDTH - margin.length);
    const head = left.length <= width
      ? [`  ${left.padEnd(width)}  ${first}`]
      : [`  ${left}`, margin + first];
    return [...head, ...rest.map((line) => margin + line)];
  });
}
