import { quote } from "./tmux.ts";
import { type TempDir, tempDir } from "./temp_dir.ts";
import { drayCommand, runDray, sourceEnv } from "./run_dray.ts";

/** A folder to work in, with a program `dray` on the PATH, for lines that a shell runs. */
export interface DrayPlace extends TempDir {
  /** All that a shell needs of an environment. */
  readonly env: Readonly<Record<string, string>>;
}

/** Makes one: `await using place = await openDrayPlace()`. */
export async function openDrayPlace(): Promise<DrayPlace> {
  const dir = await tempDir();
  const words = drayCommand().map(quote).join(" ");
  await Deno.mkdir(dir.join("bin"));
  await Deno.mkdir(dir.join("work"));
  await Deno.writeTextFile(
    dir.join("bin", "dray"),
    `#!/bin/sh\nexec ${words} "$@"\n`,
    { mode: 0o755 },
  );
  // Once, so that compiling it is not waited for at a key press.
  await runDray(["__complete", "="]);
  const env = {
    // The shell gets another home, Deno's cache stays where it is.
    DENO_DIR: `${Deno.env.get("HOME")}/.cache/deno`,
    ...sourceEnv(),
    HOME: dir.path,
    // Nothing is written at the end, when the folder goes.
    HISTFILE: "/dev/null",
    PATH: `${dir.join("bin")}:${Deno.env.get("PATH")}`,
    DRAY_HOME: dir.join("store"),
  };
  return { ...dir, env };
}
