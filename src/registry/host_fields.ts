import {
  configError,
  type ConfigPlace,
  describePlace,
  findLine,
} from "./config_error.ts";
import { findGoDurationMs } from "./go_duration.ts";

/** A TOML table as parsed. */
export type TomlTable = Readonly<Record<string, unknown>>;

/** Which table of which file it is. */
export interface TableSource {
  /** The file's text, to find lines in. */
  readonly text: string;
  readonly where: string;
  /** `["host", "https://mirror.example"]`; empty for the root. */
  readonly path: readonly string[];
}

/** Reads the fields of one host's table; what has the wrong type is an error that says where. */
export class HostFields {
  readonly #table: TomlTable;
  readonly #source: TableSource;

  constructor(table: TomlTable, source: TableSource) {
    this.#table = table;
    this.#source = source;
  }

  /** Where the table, or a field of it, stands. */
  place(key?: string): ConfigPlace {
    const { text, where, path } = this.#source;
    const [kind, name] = path;
    const pieces = [
      ...(name === undefined ? [] : [name]),
      ...(key === undefined ? [] : [key]),
    ];
    const named = kind === undefined ? [] : [`${kind}."${name}"`];
    return {
      where,
      key: [...named, ...(key === undefined ? [] : [key])].join("."),
      line: findLine(text, ...pieces),
    };
  }

  /** The tables of a table, in the file's order. */
  tables(key: string): readonly (readonly [string, TomlTable])[] {
    const value = this.#table[key];
    if (value === undefined) return [];
    if (!isTable(value)) throw configError(this.place(key), "is no table");
    return Object.entries(value).map(([name, table]) => {
      if (isTable(table)) return [name, table];
      throw configError(this.place(key), `has "${name}", which is no table`);
    });
  }

  text(key: string): string | undefined {
    const value = this.#table[key];
    if (value === undefined || value === "") return undefined;
    if (typeof value === "string") return value;
    throw configError(this.place(key), "is no text");
  }

  flag(key: string): boolean {
    const value = this.#table[key] ?? false;
    if (typeof value === "boolean") return value;
    throw configError(this.place(key), "is neither true nor false");
  }

  /** A time as Go writes it, `3s` or `1m30s`, in ms. */
  durationMs(key: string): number | undefined {
    const text = this.text(key);
    if (text === undefined) return undefined;
    const ms = findGoDurationMs(text);
    if (ms !== undefined) return ms;
    throw configError(this.place(key), 'is no time above zero, such as "3s"');
  }

  /** A message for each key that is not one of these. */
  warnOfOthers(known: readonly string[]): readonly string[] {
    return Object.keys(this.#table)
      .filter((key) => !known.includes(key))
      .map((key) =>
        `${describePlace(this.place(key))} is unknown here, and has no effect`
      );
  }

  /** One text or a list of texts. */
  texts(key: string): readonly string[] {
    return this.optionalTexts(key) ?? [];
  }

  optionalTexts(key: string): readonly string[] | undefined {
    const value = this.#table[key];
    if (value === undefined) return undefined;
    if (typeof value === "string") return [value];
    if (isTextList(value)) return value;
    throw configError(this.place(key), "is neither a text nor a list of texts");
  }

  /** One file with both, or the first `[certificate, key]` of a list of pairs. */
  clientPair(
    key: string,
  ): { readonly cert: string; readonly key: string } | undefined {
    const value = this.#table[key];
    if (value === undefined) return undefined;
    const first: unknown = Array.isArray(value) ? value[0] : value;
    if (typeof first === "string") return { cert: first, key: first };
    const pair: readonly unknown[] = Array.isArray(first) ? first : [];
    const [cert, privateKey] = pair;
    if (
      typeof cert === "string" &&
      (privateKey === undefined || typeof privateKey === "string")
    ) {
      return {
        cert,
        key: privateKey === undefined || privateKey === "" ? cert : privateKey,
      };
    }
    throw configError(
      this.place(key),
      "is neither a path nor a list of [certificate, key]",
    );
  }

  /** Header names in lower case; several values joined by commas. */
  headers(key: string): Readonly<Record<string, string>> {
    const value = this.#table[key];
    if (value === undefined) return {};
    if (!isTable(value)) throw configError(this.place(key), "is no table");
    const headers: Record<string, string> = {};
    for (const [name, content] of Object.entries(value)) {
      headers[name.toLowerCase()] = this.#headerValue(name, content);
    }
    return headers;
  }

  #headerValue(name: string, content: unknown): string {
    const value = isTextList(content) ? content.join(", ") : content;
    if (typeof value !== "string") {
      throw configError(
        this.place(name),
        "is neither a text nor a list of texts",
      );
    }
    if (
      /^[\w!#$%&'*+.^`|~-]+$/.test(name) &&
      /^[\t\x20-\x7e\x80-\xff]*$/.test(value)
    ) return value;
    throw configError(this.place(name), "can't be sent as a header");
  }
}

function isTable(value: unknown): value is TomlTable {
  return typeof value === "object" && value !== null && !Array.isArray(value) &&
    !(value instanceof Date);
}

function isTextList(value: unknown): value is readonly string[] {
  return Array.isArray(value) &&
    value.every((item) => typeof item === "string");
}
