import type { FileGrowth, GrowingFile } from "../io/growing_file.ts";

/** What came of the bytes that were being read: all right, or to be fetched once more. */
export type Settlement = "whole" | "restarted";

/** One reading of a file that comes in; `settled` waits for what comes of it. */
export type Reading<Result> = (
  settled: () => Promise<Settlement>,
) => Promise<Result>;

/**
 * Reads a file that may still be on its way, again and again as long as its bytes turn out to be
 * wrong: nobody has checked them before it is whole.
 *
 * @param onBegun Called once, when there is something to read.
 */
export async function readGrowing<Result>(
  file: GrowingFile,
  read: Reading<Result>,
  { signal, onBegun }: {
    readonly signal: AbortSignal;
    readonly onBegun: () => void;
  },
): Promise<Result> {
  let { attempt } = await untilSomething(file, signal);
  onBegun();
  for (;;) {
    const settled = () => untilSettled(file, attempt, signal);
    try {
      return await read(settled);
    } catch (error) {
      signal.throwIfAborted();
      // The bytes may be at fault.
      if (await settled() === "whole") throw error;
    }
    ({ attempt } = await untilSomething(file, signal));
  }
}

async function untilSomething(
  file: GrowingFile,
  signal: AbortSignal,
): Promise<FileGrowth> {
  let { growth } = file;
  while (growth.bytes === 0 && !growth.isWhole) {
    growth = await file.changed(growth, signal);
  }
  return growth;
}

async function untilSettled(
  file: GrowingFile,
  attempt: number,
  signal: AbortSignal,
): Promise<Settlement> {
  for (let { growth } = file;;) {
    if (growth.attempt !== attempt) return "restarted";
    if (growth.isWhole) return "whole";
    growth = await file.changed(growth, signal);
  }
}
