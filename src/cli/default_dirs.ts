import { UsageError } from "../errors.ts";
import type { Environment } from "./environment.ts";

/** The operating system's name, as `Deno.build.os` gives it. */
export type OperatingSystem = typeof Deno.build.os;

/**
 * The folder of the local store where `--store` names none.
 *
 * @throws UsageError usage, where no home folder is known.
 */
export function defaultStoreDir(
  environment: Environment,
  os: OperatingSystem,
): string {
  const { DRAY_HOME, XDG_DATA_HOME, LOCALAPPDATA } = environment;
  if (DRAY_HOME !== undefined) return requireText("DRAY_HOME", DRAY_HOME);
  if (os === "windows" && LOCALAPPDATA !== undefined) {
    return `${LOCALAPPDATA}\\dray`;
  }
  if (isAbsolute(XDG_DATA_HOME)) return `${XDG_DATA_HOME}/dray`;
  const home = findHomeDir(environment);
  if (home === undefined) {
    throw new UsageError(
      "usage",
      "Cannot place the store: no home folder is known, HOME is not set",
      { hint: "name a folder with --store DIR or DRAY_HOME" },
    );
  }
  return os === "darwin"
    ? `${home}/Library/Application Support/dray`
    : `${home}/.local/share/dray`;
}

/** The folder of dray's configuration where `--config-dir` names none. */
export function findConfigDir(environment: Environment): string | undefined {
  const { DRAY_CONFIG, XDG_CONFIG_HOME } = environment;
  if (DRAY_CONFIG !== undefined) return requireText("DRAY_CONFIG", DRAY_CONFIG);
  if (isAbsolute(XDG_CONFIG_HOME)) return `${XDG_CONFIG_HOME}/dray`;
  const home = findHomeDir(environment);
  return home && `${home}/.config/dray`;
}

/** The user's home folder. */
export function findHomeDir(environment: Environment): string | undefined {
  return environment.HOME ?? environment.USERPROFILE;
}

/** The XDG base directory specification has relative paths ignored. */
function isAbsolute(path: string | undefined): path is string {
  return path !== undefined && /^([A-Za-z]:)?[\\/]/.test(path);
}

/** See `readEnvironment`: another folder than the one that was meant would be used. */
function requireText(name: string, value: string): string {
  if (!value.includes("\ufffd")) return value;
  throw new UsageError("usage", `Cannot use ${name}: it is not UTF-8`);
}
