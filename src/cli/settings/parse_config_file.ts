import { parse } from "smol-toml";
import { DrayError, UsageError } from "../../errors.ts";
import {
  configError,
  type ConfigPlace,
  findLine,
} from "../../registry/config_error.ts";
import { readToml } from "../../registry/read_toml.ts";
import { findNearest } from "../find_nearest.ts";
import { type Setting, SETTINGS } from "./setting_table.ts";

/** What config.toml says. */
export interface ConfigFile {
  readonly path: string;
  /** By a setting's name; lists have commas between. */
  readonly values: ReadonlyMap<string, ConfigValue>;
}

/** A value and where it stands. */
export interface ConfigValue {
  readonly text: string;
  /** From 1. */
  readonly line?: number | undefined;
}

/** What {@linkcode parseConfigFile} takes paths in it to be relative to. */
export interface ConfigFileOptions {
  /** The file's own. */
  readonly configDir: string;
  /** For values that begin with `~/`. */
  readonly homeDir: string | undefined;
}

/**
 * Parses config.toml.
 *
 * @throws UsageError config-invalid, naming line and key
 */
export function parseConfigFile(
  text: string,
  path: string,
  { configDir, homeDir }: ConfigFileOptions,
): ConfigFile {
  const table = readToml(text, path, parse);
  const values = Object.entries(table).map(([key, value]) => {
    const place = { where: path, line: lineOf(text, key), key };
    const setting = findSetting(place);
    const texts = toTexts(value, setting, place);
    for (const one of texts) check(one, setting, place);
    const expanded = setting.isPath
      ? texts.map((one) => expandPath(one, configDir, homeDir))
      : texts;
    return [key, { text: expanded.join(","), line: place.line }] as const;
  });
  return { path, values: new Map(values) };
}

/** The first line that begins with the key, quoted or not. */
function lineOf(text: string, key: string): number | undefined {
  const start = new RegExp(`^\\s*(["']?)${RegExp.escape(key)}\\1\\s*[.=]`);
  const index = text.split("\n").findIndex((line) => start.test(line));
  return index < 0 ? findLine(text, key) : index + 1;
}

function findSetting(place: ConfigPlace & { readonly key: string }): Setting {
  const names = SETTINGS.map(({ name }) => name);
  const found = SETTINGS.find(({ name }) => name === place.key);
  if (found !== undefined) return found;
  const error = configError(place, "is no setting");
  const nearest = findNearest(place.key.replaceAll("_", "-"), names);
  throw new UsageError(error.code, error.message, {
    details: error.details,
    hint: nearest === undefined
      ? `the settings are ${names.join(", ")}`
      : `did you mean "${nearest}"?`,
  });
}

function toTexts(
  value: unknown,
  setting: Setting,
  place: ConfigPlace,
): readonly string[] {
  if (typeof value === "string") return [value];
  if (typeof value === "number" || typeof value === "bigint") {
    return [String(value)];
  }
  if (setting.isList && Array.isArray(value) && value.length > 0) {
    const texts = value.filter((one) => typeof one === "string");
    if (texts.length === value.length) return texts;
  }
  throw configError(
    place,
    setting.isList ? "is no list of texts" : "is neither a text nor a number",
  );
}

function check(text: string, setting: Setting, place: ConfigPlace): void {
  try {
    setting.check(text);
  } catch (error) {
    if (!(error instanceof DrayError)) throw error;
    const { code, message, details } = configError(
      place,
      `can't be used: ${error.message.replace(/^Cannot use it: /, "")}`,
    );
    throw new UsageError(code, message, {
      cause: error,
      details,
      hint: error.hint,
    });
  }
}

function expandPath(
  path: string,
  configDir: string,
  homeDir: string | undefined,
): string {
  if (path.startsWith("~/") && homeDir !== undefined) {
    return homeDir + path.slice(1);
  }
  return /^(?:[/\\]|[A-Za-z]:)/.test(path) ? path : `${configDir}/${path}`;
}
