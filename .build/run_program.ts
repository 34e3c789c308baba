import { LocalError, OperationError } from "../src/errors.ts";

const decoder = new TextDecoder();

/** A program's end, good or bad. */
export interface ProgramResult {
  readonly success: boolean;
  readonly stdout: string;
  readonly stderr: string;
}

/** Options of {@linkcode runProgram}. */
export interface ProgramOptions {
  readonly cwd?: string;
}

/**
 * Runs a program of the build to its end.
 *
 * @throws LocalError when there is no such program
 */
export async function runProgram(
  program: string,
  args: readonly string[],
  options: ProgramOptions = {},
): Promise<ProgramResult> {
  try {
    const command = new Deno.Command(program, {
      args: [...args],
      ...options,
      env: { NO_COLOR: "1", DENO_NO_UPDATE_CHECK: "1" },
      stdin: "null",
    });
    const { success, stdout, stderr } = await command.output();
    return {
      success,
      stdout: decoder.decode(stdout),
      stderr: decoder.decode(stderr),
    };
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
    throw new LocalError("no-program", `Cannot run "${program}": not found`, {
      cause: error,
      hint: `install ${program} and put it on the PATH`,
    });
  }
}

/**
 * Runs a program that has to succeed.
 *
 * @throws OperationError with the last line of its stderr when it doesn't
 */
export async function mustRunProgram(
  program: string,
  args: readonly string[],
  options: ProgramOptions = {},
): Promise<string> {
  const { success, stdout, stderr } = await runProgram(program, args, options);
  if (success) return stdout;
  const why = stderr.trimEnd().split("\n").at(-1) ?? "";
  throw new OperationError(
    "program-failed",
    `Cannot run "${[program, ...args].join(" ")}": ${why}`,
  );
}
