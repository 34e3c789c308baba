import type { ByteRange } from "./byte_range.ts";

const PROGRAM = "fallocate";

/** A reservation that is being made. */
export interface SpaceReservation {
  /** Whether all of it was made; never rejects. */
  readonly done: Promise<boolean>;
  /** Gives up. What is done by then stays. */
  stop(): void;
}

/**
 * Has the file system set space aside for a part of a file, whose length and bytes stay as they
 * are. Deno has no call for that, so util-linux's `fallocate` makes it: looked for in the PATH, as
 * credential helpers are. It may outlive this process and meet whoever has the file by then, so
 * nothing is asked of it that could change a byte: not to give space back, either.
 *
 * @returns undefined where there is no such program, or it may not be run. Nobody is asked.
 */
export function reserveSpace(
  path: string,
  { start, end }: ByteRange,
): SpaceReservation | undefined {
  if (Deno.build.os !== "linux" || !mayRun()) return undefined;
  const range = ["--offset", `${start}`, "--length", `${end - start}`];
  try {
    const child = new Deno.Command(PROGRAM, {
      args: ["--keep-size", ...range, "--", path],
      stdin: "null",
      stdout: "null",
      stderr: "null",
    }).spawn();
    return { done: hasDone(child), stop: () => stop(child) };
  } catch {
    // A convenience: neither the program nor the leave to start it can be relied on.
    return undefined;
  }
}

function mayRun(): boolean {
  const { state } = Deno.permissions.querySync({
    name: "run",
    command: PROGRAM,
  });
  return state === "granted";
}

async function hasDone(child: Deno.ChildProcess): Promise<boolean> {
  const { success } = await child.status;
  return success;
}

function stop(child: Deno.ChildProcess): void {
  try {
    child.kill("SIGKILL");
  } catch {
    // It ended by itself in between.
  }
}
