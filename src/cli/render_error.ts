import { DrayError, LocalError, OperationError } from "../errors.ts";
import { escapeText } from "../spec/escape_text.ts";
import { toJsonLine } from "../ui/json_line.ts";

/** How {@linkcode renderError} shows an error. */
export interface RenderErrorOptions {
  readonly json: boolean;
  /** With the stack and what is below it. */
  readonly debug: boolean;
  /** The reference that failed, where there are several. */
  readonly reference?: string | undefined;
  /** RFC 3339; part of the JSON among progress events. */
  readonly at?: string | undefined;
}

/**
 * An error as stderr shows it: `dray: error: …`, then the hint, or one JSON
 * object. Lines end with a line feed.
 */
export function renderError(
  error: DrayError,
  options: RenderErrorOptions,
): string {
  return options.json ? jsonError(error, options) : textError(error, options);
}

/** Anything thrown, as an error with an exit code; what no code of dray's made is a bug. */
export function toDrayError(error: unknown): DrayError {
  if (error instanceof DrayError) return error;
  const text = error instanceof Error ? error.message : String(error);
  if (error instanceof Deno.errors.NotCapable) {
    // What follows is Deno's advice about a command line that isn't the user's.
    const what = text.split(", run again", 1)[0] ?? text;
    return new LocalError("permission-denied", `Cannot go on: ${what}`, {
      cause: error,
      hint: "start dray with this permission, or with deno run -A",
    });
  }
  return new OperationError("unexpected", `Cannot go on: ${text}`, {
    cause: error,
    hint: "this is a bug in dray; --log-level debug shows where",
  });
}

function textError(error: DrayError, options: RenderErrorOptions): string {
  const lines = [`dray: error: ${escapeText(error.message)}`];
  if (error.hint !== undefined) lines.push(`hint: ${escapeText(error.hint)}`);
  if (options.debug) lines.push(...stackLines(error));
  return lines.join("\n") + "\n";
}

function jsonError(error: DrayError, options: RenderErrorOptions): string {
  const { at, reference, debug } = options;
  return toJsonLine({
    event: "error",
    at,
    code: error.code,
    exitCode: error.exitCode,
    message: error.message,
    hint: error.hint,
    reference,
    stack: debug ? stackLines(error) : undefined,
  }) + "\n";
}

function stackLines(error: Error): readonly string[] {
  const lines = (error.stack ?? "").split("\n").map(escapeText);
  return error.cause instanceof Error
    ? [...lines, "caused by:", ...stackLines(error.cause)]
    : lines;
}
