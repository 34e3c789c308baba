import type { ByteRange } from "./byte_range.ts";

const PROGRAM = "fallocate";

/** What the file system is asked to do with the space of a part of a file. */
export type SpaceChange = "reserve" | "release";

const FLAGS: Readonly<Record<SpaceChange, string>> = {
  reserve: "--keep-size",
  release: "--punch-hole",
};

/** A change that is under way. */
export interface ChangingSpace {
  /** Whether all of it was done; never rejects. */
  readonly done: Promise<boolean>;
  /** Gives up. What is done by then stays. */
  stop(): void;
}

/**
 * Has the file system set space aside for a part of a file, or take back what is there; the
 * file's length stays as it is. Deno has no call for that, so util-linux's `fallocate` makes it:
 * looked for in the PATH, as credential helpers are.
 *
 * @returns undefined where there is no such program, or it may not be run. Nobody is asked.
 */
export function changeSpace(
  change: SpaceChange,
  path: string,
  { start, end }: ByteRange,
): ChangingSpace | undefined {
  if (Deno.build.os !== "linux" || !mayRun()) return undefined;
  const range = ["--offset", `${start}`, "--length", `${end - start}`];
  try {
    const child = new Deno.Command(PROGRAM, {
      args: [FLAGS[change], ...range, "--", path],
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
