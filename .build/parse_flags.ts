import { parseArgs, type ParseArgsConfig } from "node:util";
import { UsageError } from "../src/errors.ts";

type Flags = NonNullable<ParseArgsConfig["options"]>;
type Values<T extends Flags> = ReturnType<
  typeof parseArgs<{ args: string[]; options: T }>
>["values"];

/**
 * Reads a task's arguments.
 *
 * @throws UsageError when one is unknown, or lacks its value
 */
export function parseFlags<const T extends Flags>(
  task: string,
  args: readonly string[],
  options: T,
): Values<T> {
  try {
    return parseArgs({ args: [...args], options }).values;
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    throw new UsageError("bad-usage", why, {
      cause: error,
      hint: `deno task ${task} --help`,
    });
  }
}
