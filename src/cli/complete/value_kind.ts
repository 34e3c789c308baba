import type { CliCommand } from "../define_command.ts";

/** What a value is, as far as there is something to propose for it. */
export type ValueKind =
  | "reference"
  | "repository"
  | "registry"
  | "platform"
  | "file"
  | "folder"
  | "shell"
  | "command"
  | "free";

/**
 * Placeholders of options and arguments; a new command that uses these words is completed by
 * itself.
 */
const KINDS: Readonly<Record<string, ValueKind>> = {
  "REF": "reference",
  "PATTERN": "reference",
  "REPOSITORY": "repository",
  "REGISTRY": "registry",
  "OS/ARCH[/VARIANT]": "platform",
  "FILE": "file",
  "PATH": "file",
  "PEM": "file",
  "ARCHIVE": "file",
  "DIR": "folder",
  "SHELL": "shell",
  "COMMAND": "command",
};

/** What an option's value is, by its placeholder. */
export function kindOfPlaceholder(placeholder: string | undefined): ValueKind {
  const name = placeholder ?? "";
  return Object.hasOwn(KINDS, name) ? KINDS[name] ?? "free" : "free";
}

/**
 * What an argument is.
 *
 * @param position Of the argument, from 0; beyond the last word, the last one repeats.
 */
export function kindOfArgument(
  { placeholder, max }: CliCommand["args"],
  position: number,
): ValueKind {
  if (max !== undefined && position >= max) return "free";
  const names = placeholder.split(/[\s.]+/)
    .map((name) => name.replace(/^\[([A-Z]+)\]$/, "$1"))
    .filter((name) => name !== "");
  const name = names[position] ?? names.at(-1);
  // After an image a path is one inside of it.
  if (name === "PATH" && position > 0) return "free";
  return kindOfPlaceholder(name);
}
