import { COMMANDS } from "./commands.ts";
import { findNearest } from "./find_nearest.ts";
import { findCommand, findOption, optionsOf } from "./typed_line.ts";

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

/** What a command that doesn't exist most likely means. */
export function hintForCommand(input: string): string {
  const names = [...COMMANDS.map(({ name }) => name), "help"];
  const synonym = Object.hasOwn(SYNONYMS, input) ? SYNONYMS[input] : undefined;
  const known = names.find((name) => name === synonym);
  return didYouMean(known ?? findNearest(input, names)) ??
    'see "dray help" for the commands';
}

/** What an option in front of the command most likely means; only global ones stand there. */
export function hintForOption(input: string): string {
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

/** The option of a command, or the global one, that a mistyped one is nearest to. */
export function nearestOption(
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

/** The hint that names what was meant, where something is near. */
export function didYouMean(nearest: string | undefined): string | undefined {
  return nearest === undefined ? undefined : `did you mean "${nearest}"?`;
}
