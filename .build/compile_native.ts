import {
  type DrayError,
  OperationError,
  UnavailableError,
} from "../src/errors.ts";
import { PERMISSION_SET } from "./project.ts";
import { runProgram } from "./run_program.ts";
import type { Target } from "./targets.ts";
import { writeExecutable } from "./write_executable.ts";

const NO_BASE = /^(Setting up base binary|Could not find denort)/;

/** Where {@linkcode compileNative} works. */
export interface NativeParts {
  /** The folder with the bundled program. */
  readonly bundle: string;
  /** A folder for what is only needed on the way. */
  readonly scratch: string;
}

/**
 * Makes an executable with `deno compile`.
 *
 * @returns the executable's path.
 * @throws UnavailableError when Deno's runtime base can't be had
 */
export async function compileNative(
  target: Target,
  { bundle, scratch }: NativeParts,
  out: string,
): Promise<string> {
  const suffix = target.name.startsWith("windows") ? ".exe" : "";
  const name = `dray-${target.name}${suffix}`;
  const { success, stderr } = await runProgram(Deno.execPath(), [
    "compile",
    // Also for good: the executable would tell of each credential helper that isn't there.
    "--quiet",
    "--no-prompt",
    "--no-lock",
    "--config",
    `${bundle}/deno.json`,
    `-P=${PERMISSION_SET}`,
    "--target",
    target.triple,
    // What is imported late, and the workers.
    `--include=${bundle}`,
    "--output",
    `${scratch}/${name}`,
    `${bundle}/main.js`,
  ]);
  if (!success) throw compileError(target, stderr);
  const path = `${out}/${name}`;
  await writeExecutable(path, await Deno.readFile(`${scratch}/${name}`));
  return path;
}

/** What Deno says, as an error of ours; its chain of causes ends with the reason. */
export function compileError(target: Target, stderr: string): DrayError {
  const what = `Cannot compile for "${target.name}"`;
  const [chain = ""] = stderr.split("\nStack backtrace:", 1);
  const causes = [...chain.matchAll(/^ +\d+: (.+)$/gm)]
    .map(([, cause = ""]) => cause);
  if (!NO_BASE.test(causes[0] ?? "")) {
    const why = causes.at(-1) ?? chain.trim().split("\n")[0] ?? "";
    return new OperationError("compile-failed", `${what}: ${why}`);
  }
  const reason = causes.find((cause) => !cause.startsWith("Setting up"));
  return new UnavailableError(
    "no-base",
    `${what}: Deno's runtime base can't be had: ${reason ?? ""}`,
    {
      hint:
        "DENORT_BIN names one that is here; deno task compile --self-extracting needs none, only the npm registry",
    },
  );
}
