import { DrayError } from "../src/errors.ts";

/** Runs a task of the build; what fails is one line, a hint, and dray's own exit codes. */
export async function reportFailure(
  task: string,
  run: () => Promise<void>,
): Promise<void> {
  try {
    await run();
  } catch (error) {
    if (!(error instanceof DrayError)) throw error;
    console.error(`${task}: error: ${error.message}`);
    if (error.hint !== undefined) console.error(`hint: ${error.hint}`);
    Deno.exitCode = error.exitCode;
  }
}
