import { UsageError } from "../../errors.ts";
import { parsePlatform } from "../../spec/platform.ts";
import { parseReference } from "../../spec/reference.ts";
import type { Environment } from "../environment.ts";
import { LOG_LEVELS, PROGRESS_CHOICES } from "../global_flags.ts";
import { parseConnections } from "../parse_connections.ts";
import { parseCount } from "../parse_count.ts";
import { parseDuration } from "../parse_duration.ts";
import { parseRate } from "../parse_rate.ts";

/** A default that the user may choose, in config.toml or by a variable. */
export interface Setting {
  /** Its key in config.toml. */
  readonly name: string;
  readonly variable: keyof Environment;
  /** The option that overrides both; its key in a command's definition. */
  readonly flag?: string;
  /** Commands whose option of that name means this. Default: all that have it. */
  readonly commands?: readonly string[];
  /** An option that stands in its place. */
  readonly unless?: string;
  /** Several, with commas between. Default: false. */
  readonly isList?: boolean;
  /** A path: what begins with `~/` is in the home folder, else relative to config.toml. Default: false. */
  readonly isPath?: boolean;
  /** Whether commands read the variable by themselves. Default: false. */
  readonly isRead?: boolean;
  /** @throws UsageError where a text is no value of it. */
  readonly check: (text: string) => unknown;
}

/** All settings, in the order of `dray config`. */
export const SETTINGS: readonly Setting[] = [
  {
    name: "store",
    flag: "store",
    variable: "DRAY_HOME",
    isPath: true,
    isRead: true,
    check: checkPath,
  },
  {
    name: "default-registry",
    variable: "DRAY_DEFAULT_REGISTRY",
    isRead: true,
    check: (text) => parseReference("name", { defaultRegistry: text }),
  },
  {
    name: "platforms",
    flag: "platform",
    variable: "DRAY_PLATFORMS",
    // Elsewhere the option chooses among what is stored.
    commands: ["pull"],
    unless: "--all-platforms",
    isList: true,
    check: parsePlatform,
  },
  {
    name: "max-connections",
    flag: "maxConnections",
    variable: "DRAY_MAX_CONNECTIONS",
    check: parseConnections,
  },
  {
    name: "limit-rate",
    flag: "limitRate",
    variable: "DRAY_LIMIT_RATE",
    check: parseRate,
  },
  {
    name: "progress",
    flag: "progress",
    variable: "DRAY_PROGRESS",
    check: (text) => checkChoice(text, PROGRESS_CHOICES),
  },
  {
    name: "log-level",
    flag: "logLevel",
    variable: "DRAY_LOG_LEVEL",
    check: (text) => checkChoice(text, LOG_LEVELS),
  },
  {
    name: "hosts-dir",
    flag: "hostsDir",
    variable: "DRAY_HOSTS_DIR",
    isPath: true,
    check: checkPath,
  },
  {
    name: "retries",
    flag: "retries",
    variable: "DRAY_RETRIES",
    check: (text) => parseCount(text, { min: 0, max: 100 }),
  },
  {
    name: "connect-timeout",
    flag: "connectTimeout",
    variable: "DRAY_CONNECT_TIMEOUT",
    check: parseDuration,
  },
  {
    name: "header-timeout",
    flag: "headerTimeout",
    variable: "DRAY_HEADER_TIMEOUT",
    check: parseDuration,
  },
  {
    name: "idle-timeout",
    flag: "idleTimeout",
    variable: "DRAY_IDLE_TIMEOUT",
    check: parseDuration,
  },
];

function checkPath(text: string): void {
  if (text === "") throw new UsageError("usage", "Cannot use it: it is empty");
}

function checkChoice(text: string, choices: readonly string[]): void {
  if (choices.includes(text)) return;
  throw new UsageError(
    "usage",
    `Cannot use it: it is none of ${choices.join(", ")}`,
  );
}
