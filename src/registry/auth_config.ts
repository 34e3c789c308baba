import { parseAuthEntry } from "./auth_entry.ts";
import { configError, findLine, lineAt } from "./config_error.ts";
import type { Credential } from "./credential.ts";

/** What docker's `config.json` and containers' `auth.json` say about credentials. */
export interface AuthConfig {
  /** The file, or the variable, for messages. */
  readonly where: string;
  /** By key as it is written there; undefined for an entry without a secret, as docker leaves beside a helper. */
  readonly auths: ReadonlyMap<string, Credential | undefined>;
  /** Helper names by registry, as written there. */
  readonly credHelpers: ReadonlyMap<string, string>;
  /** Helper for all other registries. */
  readonly credsStore: string | undefined;
}

type Fields = Readonly<Record<string, unknown>>;

/**
 * Parses a credentials file.
 *
 * @param where Path or variable name, for messages.
 * @throws UsageError config-invalid, naming line and key
 */
export function parseAuthConfig(text: string, where: string): AuthConfig {
  const root = parseRoot(text, where);
  const auths = new Map<string, Credential | undefined>();
  for (
    const [key, value] of Object.entries(fieldsOf(root, "auths", text, where))
  ) {
    const at = {
      where,
      key: `auths."${key}"`,
      line: findLine(text, '"auths"', JSON.stringify(key)),
    };
    auths.set(key, parseAuthEntry(value, at));
  }
  const credHelpers = new Map<string, string>();
  for (
    const [key, value] of Object.entries(
      fieldsOf(root, "credHelpers", text, where),
    )
  ) {
    const line = findLine(text, '"credHelpers"', JSON.stringify(key));
    credHelpers.set(
      key,
      helperName(value, { where, key: `credHelpers."${key}"`, line }),
    );
  }
  const store = root["credsStore"];
  const credsStore = store === undefined || store === null || store === ""
    ? undefined
    : helperName(store, {
      where,
      key: "credsStore",
      line: findLine(text, '"credsStore"'),
    });
  return { where, auths, credHelpers, credsStore };
}

/**
 * Parses a JSON file whose root is an object.
 *
 * @throws UsageError config-invalid
 */
export function parseRoot(text: string, where: string): Fields {
  const trimmed = text.replace(/^\uFEFF/, "");
  if (trimmed.trim() === "") return {};
  const root = parseJson(trimmed, where);
  if (isFields(root)) return root;
  throw configError({ where, line: 1 }, "it is no JSON object");
}

function parseJson(text: string, where: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    // Not quoted: V8 shows the text around the fault, which in such a file may be a secret.
    const message = error instanceof Error ? error.message : "";
    throw configError(
      { where, line: lineAt(text, findFault(text, message)) },
      "it is no JSON",
    );
  }
}

/** Where in a text the fault is that V8's message tells of, by position or by the text around it. */
function findFault(text: string, message: string): number {
  const position = /at position (\d+)/.exec(message)?.[1];
  if (position !== undefined) return Number(position);
  const around = /, (\.{3})?"(.*)"(\.{3})? is not valid JSON$/s.exec(message);
  if (around === null) return text.length;
  const [, before, snippet = "", after] = around;
  // Ten characters on either side, as far as there are so many.
  const inside = before !== undefined
    ? 10
    : snippet.length - (after === undefined ? 1 : 11);
  return text.indexOf(snippet) + Math.max(0, inside);
}

function fieldsOf(
  root: Fields,
  key: string,
  text: string,
  where: string,
): Fields {
  const value = root[key];
  if (value === undefined || value === null) return {};
  if (isFields(value)) return value;
  throw configError(
    { where, key, line: findLine(text, JSON.stringify(key)) },
    "is no object",
  );
}

/** A helper's name becomes the name of a program: nothing in it may lead to another folder. */
function helperName(
  value: unknown,
  place: {
    readonly where: string;
    readonly key: string;
    readonly line: number | undefined;
  },
): string {
  if (
    typeof value === "string" &&
    /^[A-Za-z0-9][A-Za-z0-9._-]{0,127}$/.test(value)
  ) return value;
  throw configError(
    place,
    "names no credential helper: letters, digits, '.', '_' and '-' only",
  );
}

function isFields(value: unknown): value is Fields {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
