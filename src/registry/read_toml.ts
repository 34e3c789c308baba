import { configError } from "./config_error.ts";
import type { TomlTable } from "./host_fields.ts";

/** What a TOML parser gives, or throws with a `line`. */
export type ParseToml = (text: string) => unknown;

/**
 * The top table of a TOML file.
 *
 * @param where Path, for messages.
 * @param parseToml Loaded by the caller, since most machines have no such file.
 * @throws UsageError config-invalid, naming the line
 */
export function readToml(
  text: string,
  where: string,
  parseToml: ParseToml,
): TomlTable {
  try {
    // Sound: a TOML document is a table.
    return parseToml(text) as TomlTable;
  } catch (error) {
    const line = error instanceof Error && "line" in error &&
        typeof error.line === "number"
      ? error.line
      : undefined;
    // The first line of the message only: the rest quotes the file, which may hold a secret.
    const message = error instanceof Error
      ? error.message.split("\n", 1)[0] ?? ""
      : "";
    throw configError(
      { where, line },
      message.replace(/^Invalid TOML document: /, "it is no TOML: "),
    );
  }
}
