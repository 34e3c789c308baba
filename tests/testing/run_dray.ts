import {
  type CommandResult,
  type RunningCommand,
  type RunOptions,
  spawnCommand,
} from "./run_command.ts";

const ROOT = new URL("../../", import.meta.url);

/** Runs dray to its end, from source or as `$DRAY_BIN`, with no environment but `options.env`. */
export async function runDray(
  args: readonly string[],
  options: RunOptions = {},
): Promise<CommandResult> {
  await using child = spawnDray(args, options);
  return await child.result;
}

/** Starts dray, for tests that interrupt it. */
export function spawnDray(
  args: readonly string[],
  options: RunOptions = {},
): RunningCommand {
  const env = { ...sourceEnv(), ...options.env };
  const [program = "", ...start] = drayCommand();
  return spawnCommand(program, [...start, ...args], {
    ...options,
    env,
    clearEnv: true,
  });
}

/** The program and its first arguments: dray from source, or `$DRAY_BIN`. */
export function drayCommand(): readonly string[] {
  const binary = Deno.env.get("DRAY_BIN");
  if (binary !== undefined) return [binary];
  const main = new URL("main.ts", ROOT).pathname;
  const flags = ["--quiet", "--no-prompt", ...permissionArgs()];
  return [Deno.execPath(), "run", ...flags, main];
}

/** What Deno itself, or an executable, needs to find its cache; dray reads none of it but HOME. */
export function sourceEnv(): Record<string, string> {
  const kept: Record<string, string> = {};
  for (const name of ["PATH", "HOME", "DENO_DIR", "DRAY_CACHE", "SystemRoot"]) {
    const value = Deno.env.get(name);
    if (value !== undefined) kept[name] = value;
  }
  return kept;
}

/** The permission set that deno.json gives the program, so that tests run with no more than users do. */
function permissionArgs(): readonly string[] {
  const config: unknown = JSON.parse(
    Deno.readTextFileSync(new URL("deno.json", ROOT)),
  );
  const sets =
    typeof config === "object" && config !== null && "permissions" in config
      ? config.permissions
      : undefined;
  if (typeof sets !== "object" || sets === null) return ["-A"];
  const name = ["dray", "default"].find((set) => set in sets);
  const file = `--config=${new URL("deno.json", ROOT).pathname}`;
  return name === undefined ? ["-A"] : [file, `-P=${name}`];
}
