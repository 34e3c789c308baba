import { type DrayError, InterruptedError } from "../errors.ts";
import type { DrayEvent, EventListener } from "../events.ts";
import type { RetryNotice } from "../http/http_request.ts";
import { escapeText } from "../spec/escape_text.ts";
import { toJsonLine } from "../ui/json_line.ts";
import {
  openProgressDisplay,
  type ProgressDisplay,
} from "../ui/progress_display.ts";
import type { CliHost } from "./cli_context.ts";
import { defaultStoreDir } from "./default_dirs.ts";
import { type GlobalFlags, LOG_LEVELS, type LogLevel } from "./global_flags.ts";
import { chooseProgressMode } from "./progress_mode.ts";
import { renderError, toDrayError } from "./render_error.ts";
import type { SettledValue } from "./settings/settle_arguments.ts";

const INTERRUPT_HINT = "run it again to go on where it stopped";

/** What a session knows besides its host and flags. */
export interface SessionOptions {
  /** The user's defaults that hold. Default: none are known. */
  readonly settings?: readonly SettledValue[];
  /** Whether the command, run again, goes on where it was interrupted. Default: false. */
  readonly resumes?: boolean | undefined;
}

/** Starts what a command works in; disposing it leaves the terminal as it was. */
export async function openSession(
  host: CliHost,
  flags: GlobalFlags,
  { settings = [], resumes = false }: SessionOptions = {},
): Promise<Session> {
  const { stdio, now, environment } = host;
  const mode = chooseProgressMode(flags, host);
  const saysJson = mode === "json" || (mode === "none" && flags.json);
  const display = await openProgressDisplay(mode, {
    surface: { write: stdio.writeError, size: stdio.size },
    now,
    color: stdio.stderrIsTerminal && environment.NO_COLOR === undefined,
    json: saysJson,
    ...(host.onResume === undefined ? {} : { onResume: host.onResume }),
  });
  return new Session(host, flags, { settings, resumes, display, saysJson });
}

/** What {@linkcode openSession} makes of the flags. */
interface SessionParts {
  readonly settings: readonly SettledValue[];
  readonly resumes: boolean;
  readonly display: ProgressDisplay;
  readonly saysJson: boolean;
}

/**
 * One run of a command: its way to stdout and stderr, and the signal that ends
 * it. Results go to stdout, all else to stderr.
 */
export class Session implements Disposable {
  readonly host: CliHost;
  readonly flags: GlobalFlags;
  /** The user's defaults that hold, and where each comes from. */
  readonly settings: readonly SettledValue[];
  /** Aborted by the first SIGINT or SIGTERM. */
  readonly signal: AbortSignal;
  /** For events of the library. */
  readonly listener: EventListener;
  /** For waits before another attempt. */
  readonly onRetry: (notice: RetryNotice) => void;
  readonly #display: ProgressDisplay;
  /** Whether all of stderr is JSON, one object a line. */
  readonly #saysJson: boolean;
  readonly #interrupts: Disposable;
  readonly #encoder = new TextEncoder();

  constructor(
    host: CliHost,
    flags: GlobalFlags,
    { settings, resumes, display, saysJson }: SessionParts,
  ) {
    this.host = host;
    this.flags = flags;
    this.settings = settings;
    this.#display = display;
    this.#saysJson = saysJson;
    const controller = new AbortController();
    this.signal = controller.signal;
    this.listener = (event): void => this.#onEvent(event);
    this.onRetry = (notice): void =>
      this.listener({ event: "wait", ...notice });
    this.#interrupts = host.onInterrupt(() => {
      // At once: a second signal ends the program wherever it is.
      this.#display.clear();
      controller.abort(
        new InterruptedError("interrupted", "Cannot go on: interrupted", {
          hint: resumes ? INTERRUPT_HINT : undefined,
        }),
      );
    });
  }

  /** The folder of the store: `--store`, `DRAY_HOME`, or where data belongs on this system. */
  get storeDir(): string {
    const { environment, os } = this.host;
    return this.flags.store ?? defaultStoreDir(environment, os);
  }

  /** Whether a person watches bars. */
  get showsBars(): boolean {
    return chooseProgressMode(this.flags, this.host) === "tty";
  }

  /** A line of the result. The text must be free of control characters. */
  print(line: string): void {
    this.writeBytes(this.#encoder.encode(line + "\n"));
  }

  /** A line of the result for programs. */
  printJson(value: unknown): void {
    this.print(toJsonLine(value));
  }

  /** A part of the result, as it is. */
  writeBytes(bytes: Uint8Array): void {
    this.#display.clear();
    this.host.stdio.writeOut(bytes);
  }

  /** A line for a person that is no result; not shown to programs, nor with `--quiet`. */
  note(line: string): void {
    if (this.flags.quiet || this.flags.json) return;
    if (this.flags.progress === "json") return;
    this.#display.print(escapeText(line));
  }

  /** A line of diagnostics. */
  log(level: LogLevel, message: string): void {
    if (!this.logs(level)) return;
    if (level === "warn") this.#display.listener({ event: "warning", message });
    else if (this.#saysJson) {
      const at = new Date(this.host.now()).toISOString();
      this.#display.print(toJsonLine({ event: "log", at, level, message }));
    } else this.#display.print(`dray: ${level}: ${escapeText(message)}`);
  }

  /** Whether diagnostics of this level are asked for. */
  logs(level: LogLevel): boolean {
    return LOG_LEVELS.indexOf(level) <= LOG_LEVELS.indexOf(this.flags.logLevel);
  }

  /** Shows why something failed, while the command goes on with the rest. */
  reportError(error: unknown, reference?: string): DrayError {
    const dray = toDrayError(error);
    const at = this.flags.progress === "json"
      ? new Date(this.host.now()).toISOString()
      : undefined;
    this.#display.clear();
    this.host.stdio.writeError(renderError(dray, {
      json: this.flags.json || this.flags.progress === "json",
      debug: this.flags.logLevel === "debug",
      reference,
      at,
    }));
    return dray;
  }

  [Symbol.dispose](): void {
    this.#display[Symbol.dispose]();
    this.#interrupts[Symbol.dispose]();
  }

  #onEvent(event: DrayEvent): void {
    // Errors are reported where they are caught; after an interrupt nothing is drawn any more.
    if (event.event === "error" || this.signal.aborted) return;
    if (event.event === "warning" && !this.logs("warn")) return;
    this.#display.listener(event);
  }
}
