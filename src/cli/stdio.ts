import { toLocalError } from "../io/local_error.ts";
import { findTerminalInput, type TerminalInput } from "./terminal_input.ts";
import type { TerminalSurface } from "../ui/terminal_writer.ts";

/** Standard input and output of the program, as far as commands need them. */
export interface Stdio {
  /** Writes a result. @throws StdoutClosedError where nobody reads any more. */
  readonly writeOut: (bytes: Uint8Array) => void;
  /**
   * The same for much, without holding up all else while a reader is slow. Default: as
   * {@linkcode Stdio.writeOut}.
   */
  readonly streamOut?: (bytes: Uint8Array) => Promise<void>;
  /** Writes for a person; that nobody reads is no error. */
  readonly writeError: (text: string) => void;
  readonly stdin: () => ReadableStream<Uint8Array>;
  /** A person to ask; undefined where stdin is no terminal. */
  readonly terminal: TerminalInput | undefined;
  readonly stdoutIsTerminal: boolean;
  readonly stderrIsTerminal: boolean;
  readonly size: TerminalSurface["size"];
}

/** The reader of stdout went away, as `head` does: for most no failure, and nothing more to do. */
export class StdoutClosedError extends Error {
  override readonly name = "StdoutClosedError";
}

/** A terminal that doesn't tell its size. */
const FALLBACK_SIZE = { columns: 80, rows: 24 };

/** The process's own. */
export function createStdio(): Stdio {
  const encoder = new TextEncoder();
  const writeError = (text: string): void => {
    try {
      writeAll(Deno.stderr, encoder.encode(text));
    } catch {
      // There is nobody left to tell.
    }
  };
  return {
    writeOut: (bytes): void => {
      try {
        writeAll(Deno.stdout, bytes);
      } catch (error) {
        throw toStdoutError(error);
      }
    },
    streamOut: async (bytes): Promise<void> => {
      try {
        for (let rest = bytes; rest.length > 0;) {
          rest = rest.subarray(await Deno.stdout.write(rest));
        }
      } catch (error) {
        throw toStdoutError(error);
      }
    },
    writeError,
    stdin: () => Deno.stdin.readable,
    get terminal() {
      return findTerminalInput(writeError);
    },
    stdoutIsTerminal: Deno.stdout.isTerminal(),
    stderrIsTerminal: Deno.stderr.isTerminal(),
    size: terminalSize,
  };
}

function toStdoutError(error: unknown): unknown {
  return error instanceof Deno.errors.BrokenPipe
    ? new StdoutClosedError("stdout is closed", { cause: error })
    : toLocalError(error, "write", "stdout");
}

function writeAll(
  file: { writeSync(bytes: Uint8Array): number },
  bytes: Uint8Array,
): void {
  for (let rest = bytes; rest.length > 0;) {
    rest = rest.subarray(file.writeSync(rest));
  }
}

function terminalSize(): { columns: number; rows: number } {
  try {
    const { columns, rows } = Deno.consoleSize();
    return columns > 0 && rows > 0 ? { columns, rows } : FALLBACK_SIZE;
  } catch {
    return FALLBACK_SIZE;
  }
}
