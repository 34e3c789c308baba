import { UsageError } from "../errors.ts";
import { escapeText, quoteText } from "../spec/escape_text.ts";

/** Where in a configuration file something is. */
export interface ConfigPlace {
  /** The file's path, or the variable's name. */
  readonly where: string;
  /** Line from 1. */
  readonly line?: number | undefined;
  /** `auths."quay.io".auth` */
  readonly key?: string | undefined;
}

/**
 * The error for a configuration that can't be used.
 *
 * @param problem Goes on after the place: `is not base64`.
 */
export function configError(
  place: ConfigPlace,
  problem: string,
  cause?: unknown,
): UsageError {
  const end = place.key === undefined ? ":" : "";
  return new UsageError(
    "config-invalid",
    `Cannot use configuration ${describePlace(place)}${end} ${problem}`,
    {
      cause,
      details: {
        path: place.where,
        ...(place.line === undefined ? {} : { line: place.line }),
        ...(place.key === undefined ? {} : { key: place.key }),
      },
    },
  );
}

/** `"/etc/certs.d/x/hosts.toml", line 3: host."a.io".ca`, for messages. */
export function describePlace({ where, line, key }: ConfigPlace): string {
  const at = line === undefined ? "" : `, line ${line}`;
  const named = key === undefined ? "" : `: ${escapeText(key)}`;
  return `${quoteText(where)}${at}${named}`;
}

/** The line, from 1, that an offset of a text is on. */
export function lineAt(text: string, offset: number): number {
  let line = 1;
  for (
    let at = text.indexOf("\n");
    at >= 0 && at < offset;
    at = text.indexOf("\n", at + 1)
  ) line++;
  return line;
}

/** The line where a text first has all of these pieces, one after the other; undefined where it hasn't. */
export function findLine(
  text: string,
  ...pieces: readonly string[]
): number | undefined {
  let offset = 0;
  let start = -1;
  for (const piece of pieces) {
    start = text.indexOf(piece, offset);
    if (start < 0) return undefined;
    offset = start + piece.length;
  }
  return start < 0 ? undefined : lineAt(text, start);
}
