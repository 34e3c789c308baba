import type { Aliases, FlagParametersForType } from "@stricli/core";
import type { CliContext } from "./cli_context.ts";
import { parseCount } from "./parse_count.ts";
import { parseDuration } from "./parse_duration.ts";
import { parsePathOption } from "./parse_path_option.ts";

/** Values of `--progress`. */
export const PROGRESS_CHOICES = [
  "auto",
  "tty",
  "plain",
  "json",
  "none",
] as const;
/** Values of `--log-level`, from the least to the most. */
export const LOG_LEVELS = ["error", "warn", "info", "debug"] as const;

/** A value of `--log-level`. */
export type LogLevel = typeof LOG_LEVELS[number];

/** The options that every command has. */
export interface GlobalFlags {
  readonly store?: string;
  readonly configDir?: string;
  readonly json: boolean;
  readonly quiet: boolean;
  readonly progress: typeof PROGRESS_CHOICES[number];
  readonly logLevel: LogLevel;
  readonly plainHttp: boolean;
  readonly insecure: boolean;
  readonly caFile?: string;
  readonly hostsDir?: string;
  readonly retries: number;
  /** Milliseconds, as all that follow. */
  readonly connectTimeout: number;
  readonly headerTimeout: number;
  readonly idleTimeout: number;
}

/** Their definitions; what is optional has a default that the environment may set. */
export const GLOBAL_FLAGS: FlagParametersForType<GlobalFlags, CliContext> = {
  store: {
    kind: "parsed",
    parse: parsePathOption,
    optional: true,
    placeholder: "DIR",
    brief: "Local store (DRAY_HOME; default ~/.local/share/dray)",
  },
  configDir: {
    kind: "parsed",
    parse: parsePathOption,
    optional: true,
    placeholder: "DIR",
    brief: "Configuration (DRAY_CONFIG; default ~/.config/dray)",
  },
  json: {
    kind: "boolean",
    default: false,
    withNegated: false,
    brief: "Results as JSON on stdout, errors as JSON on stderr",
  },
  quiet: {
    kind: "boolean",
    default: false,
    withNegated: false,
    brief: "No progress, and only the essential result",
  },
  progress: {
    kind: "enum",
    values: PROGRESS_CHOICES,
    default: "auto",
    placeholder: "MODE",
    brief: "auto, tty, plain, json or none",
  },
  logLevel: {
    kind: "enum",
    values: LOG_LEVELS,
    default: "warn",
    placeholder: "LEVEL",
    brief: "error, warn, info or debug",
  },
  plainHttp: {
    kind: "boolean",
    default: false,
    withNegated: false,
    brief: "Talk HTTP, not HTTPS, to the named registry",
  },
  insecure: {
    kind: "boolean",
    default: false,
    withNegated: false,
    brief: "Accept any TLS certificate from the named registry",
  },
  caFile: {
    kind: "parsed",
    parse: parsePathOption,
    optional: true,
    placeholder: "PEM",
    brief: "Trust these roots too (SSL_CERT_FILE)",
  },
  hostsDir: {
    kind: "parsed",
    parse: parsePathOption,
    optional: true,
    placeholder: "DIR",
    brief: "Mirrors, as containerd's certs.d (default CONFIG/certs.d)",
  },
  retries: {
    kind: "parsed",
    parse: (text) => parseCount(text, { min: 0, max: 100 }),
    default: "4",
    placeholder: "N",
    brief: "Attempts after one that failed",
  },
  connectTimeout: {
    kind: "parsed",
    parse: parseDuration,
    default: "10s",
    placeholder: "TIME",
    brief: "Longest wait for a connection",
  },
  headerTimeout: {
    kind: "parsed",
    parse: parseDuration,
    default: "30s",
    placeholder: "TIME",
    brief: "Longest wait for an answer to begin",
  },
  idleTimeout: {
    kind: "parsed",
    parse: parseDuration,
    default: "30s",
    placeholder: "TIME",
    brief: "Longest silence within an answer",
  },
};

/** Their one-letter forms. */
export const GLOBAL_ALIASES = { q: "quiet" } as const satisfies Aliases<
  keyof GlobalFlags
>;

/** `connectTimeout` as it is typed: `--connect-timeout`. */
export function flagText(key: string): string {
  return "--" +
    key.replaceAll(/[A-Z]/g, (letter) => "-" + letter.toLowerCase());
}

/** Global options that take a value, as they are typed. */
export function globalOptionTakesValue(option: string): boolean | undefined {
  const entry = Object.entries(GLOBAL_FLAGS).find(([key]) =>
    flagText(key) === option
  );
  return entry === undefined ? undefined : entry[1].kind !== "boolean";
}
