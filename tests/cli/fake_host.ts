import type { CliHost } from "../../src/cli/cli_context.ts";
import { runCli } from "../../src/cli/run_cli.ts";
import type { Environment } from "../../src/cli/environment.ts";

/** How a command line ended in this process. */
export interface CliOutcome {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** What {@linkcode runInProcess} stands on; nothing of it is the real process. */
export interface FakeHostOptions {
  readonly environment?: Environment;
  readonly stdin?: string;
  /** What a person at the terminal answers; without it stdin is no terminal. */
  readonly answers?: readonly string[];
  readonly nowMs?: number;
  readonly columns?: number;
  readonly stdoutIsTerminal?: boolean;
  readonly stderrIsTerminal?: boolean;
  /** Is given what interrupts the command. */
  readonly onReady?: (interrupt: () => void) => void;
}

/** Runs a command line in this process, with a terminal, a clock and an environment of the test's. */
export async function runInProcess(
  args: readonly string[],
  options: FakeHostOptions = {},
): Promise<CliOutcome> {
  const decoder = new TextDecoder();
  let stdout = "";
  let stderr = "";
  const answers = [...options.answers ?? []];
  const host: CliHost = {
    stdio: {
      writeOut: (bytes) => stdout += decoder.decode(bytes),
      writeError: (text) => stderr += text,
      stdin: () => new Blob([options.stdin ?? ""]).stream(),
      terminal: options.answers && {
        ask: (question) => {
          stderr += question;
          return Promise.resolve(answers.shift() ?? "");
        },
      },
      stdoutIsTerminal: options.stdoutIsTerminal ?? false,
      stderrIsTerminal: options.stderrIsTerminal ?? false,
      size: () => ({ columns: options.columns ?? 80, rows: 24 }),
    },
    environment: options.environment ?? {},
    os: "linux",
    now: () => options.nowMs ?? Date.now(),
    onInterrupt: (listener) => {
      options.onReady?.(listener);
      return { [Symbol.dispose]: () => {} };
    },
  };
  const code = await runCli(args, host);
  return { code, stdout, stderr };
}
