import { DrayError, UsageError } from "../../errors.ts";
import { findFileText } from "../../io/find_file_text.ts";
import { quoteText } from "../../spec/escape_text.ts";
import type { CliHost } from "../cli_context.ts";
import { findConfigDir, findHomeDir } from "../default_dirs.ts";
import type { CliCommand } from "../define_command.ts";
import type { Environment } from "../environment.ts";
import { flagText } from "../global_flags.ts";
import { loadCommands } from "../load_commands.ts";
import { findCommand, optionsOf, readLine } from "../typed_line.ts";
import { configFilePath } from "./config_file_path.ts";
import type { ConfigFile } from "./parse_config_file.ts";
import { type Setting, SETTINGS } from "./setting_table.ts";

/** Where a setting's value comes from, the strongest first. */
export type SettingSource = "option" | "variable" | "file" | "default";

/** What holds for a setting. */
export interface SettledValue {
  readonly name: string;
  /** Undefined where the program's own default holds. */
  readonly value?: string;
  readonly source: SettingSource;
  /** `--store`, `DRAY_HOME`, `"/home/me/.config/dray/config.toml", line 3`. */
  readonly from?: string;
}

/** A command line with the user's defaults in it. */
export interface SettledArguments {
  readonly arguments: readonly string[];
  readonly environment: Environment;
  readonly settings: readonly SettledValue[];
}

/**
 * Adds what variables and config.toml say to a command line, as options that the line doesn't
 * have: options go before variables, these before the file.
 *
 * @param args The command first.
 * @throws UsageError config-invalid for the file, usage for a variable
 * @throws LocalError where the file can't be read
 */
export async function settleArguments(
  args: readonly string[],
  { environment }: Pick<CliHost, "environment">,
): Promise<SettledArguments> {
  const commands = await loadCommands(args[0]);
  const command = findCommand(commands, args[0]);
  // Of a command that isn't there the parser tells.
  if (command === undefined) {
    return { arguments: args, environment, settings: [] };
  }
  const { given } = readLine(args, commands);
  const dir = given.get("--config-dir") ?? findConfigDir(environment);
  const file = dir === undefined
    ? undefined
    : await readConfigFile(dir, environment);
  const applying = SETTINGS.filter((setting) => applies(setting, command));
  const added: string[] = [];
  const variables: Partial<Record<keyof Environment, string>> = {};
  const settings = applying.map((setting) => {
    const settled = settle(setting, given, environment, file);
    if (settled.value === undefined || settled.source === "option") {
      return settled;
    }
    if (setting.isRead) variables[setting.variable] = settled.value;
    else if (takes(command, setting) && !given.has(setting.unless ?? "")) {
      added.push(...asOptions(setting, settled.value));
    }
    return settled;
  });
  const [name = "", ...rest] = args;
  return {
    arguments: [name, ...added, ...rest],
    environment: { ...environment, ...variables },
    settings,
  };
}

/** Reads config.toml; undefined where there is none, and then what parses it isn't loaded. */
async function readConfigFile(
  configDir: string,
  environment: Environment,
): Promise<ConfigFile | undefined> {
  const path = configFilePath(configDir);
  const text = await findFileText(path);
  if (text === undefined) return undefined;
  const { parseConfigFile }: typeof import("./parse_config_file.ts") =
    await import("./parse_config_file.ts" as string);
  const homeDir = findHomeDir(environment);
  return parseConfigFile(text, path, { configDir, homeDir });
}

/** `dray config` shows them all. */
function applies(setting: Setting, command: CliCommand): boolean {
  return command.name === "config" || setting.isRead === true ||
    takes(command, setting);
}

function takes(command: CliCommand, { flag, commands }: Setting): boolean {
  if (flag === undefined) return false;
  const option = flagText(flag);
  return (commands === undefined || commands.includes(command.name)) &&
    optionsOf(command).some(({ text }) => text === option);
}

function settle(
  setting: Setting,
  given: ReadonlyMap<string, string>,
  environment: Environment,
  file: ConfigFile | undefined,
): SettledValue {
  const { name, flag, variable } = setting;
  const option = flag === undefined ? "" : flagText(flag);
  const typed = given.get(option);
  if (typed !== undefined) {
    return { name, value: typed, source: "option", from: option };
  }
  const value = environment[variable];
  if (value !== undefined) {
    checkVariable(setting, value);
    return { name, value, source: "variable", from: variable };
  }
  const written = file?.values.get(name);
  if (file === undefined || written === undefined) {
    return { name, source: "default" };
  }
  const at = written.line === undefined ? "" : `, line ${written.line}`;
  return {
    name,
    value: written.text,
    source: "file",
    from: file.path + at,
  };
}

function checkVariable(setting: Setting, value: string): void {
  try {
    for (const text of listOf(setting, value)) setting.check(text);
  } catch (error) {
    if (!(error instanceof DrayError)) throw error;
    const why = error.message.replace(/^Cannot (?:use it: )?/, "");
    throw new UsageError(
      "usage",
      `Cannot use variable ${setting.variable} ${quoteText(value)}: ${
        /^(?:read|parse|use) /.test(why) ? `cannot ${why}` : why
      }`,
      { cause: error, hint: error.hint },
    );
  }
}

function asOptions(setting: Setting, value: string): readonly string[] {
  const option = flagText(setting.flag ?? "");
  return listOf(setting, value).map((text) => `${option}=${text}`);
}

function listOf(setting: Setting, value: string): readonly string[] {
  return setting.isList ? value.split(",").map((one) => one.trim()) : [value];
}
