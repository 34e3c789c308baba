import { buildApplication, buildRouteMap, run, text_en } from "@stricli/core";
import type { CliContext, CliHost } from "./cli_context.ts";
import type { CliCommand } from "./define_command.ts";
import { loadCommands } from "./load_commands.ts";
import type { SettledValue } from "./settings/settle_arguments.ts";

/**
 * Parses a command's options and runs it.
 *
 * @param args The command first.
 * @param settings Where the defaults among them come from. Default: none are known.
 * @returns The exit code.
 * @throws What the command throws, or UsageError.
 */
export async function runCommand(
  args: readonly string[],
  host: CliHost,
  settings: readonly SettledValue[] = [],
): Promise<number> {
  const context: CliContext = {
    host,
    settings,
    exitCode: 0,
    process: {
      stdout: { write: () => {} },
      stderr: { write: () => {} },
    },
  };
  const commands = await loadCommands(args[0]);
  try {
    await run(buildProgram(commands), args, context);
  } catch (error) {
    throw error instanceof Complaint
      ? await toUsageError(error, args[0])
      : error;
  }
  return context.exitCode;
}

/** What the parser objects to; the words for it, and all commands to suggest from, are loaded then. */
class Complaint extends Error {
  constructor(
    readonly about:
      | { readonly unknownCommand: string }
      | { readonly error: unknown },
  ) {
    super("misuse");
  }
}

async function toUsageError(
  { about }: Complaint,
  command: string | undefined,
): Promise<Error> {
  const words: typeof import("./usage_errors.ts") = await import(
    "./usage_errors.ts" as string
  );
  return "error" in about
    ? words.toUsageError(about.error, command)
    : words.unknownCommand(about.unknownCommand);
}

/** The argument parser; it prints nothing, its complaints are thrown. */
function buildProgram(commands: readonly CliCommand[]) {
  const rethrow = (error: unknown): never => {
    throw error;
  };
  const misuse = (error: unknown): never => {
    // The parser hands on what was thrown for the first of several faults.
    throw error instanceof Complaint ? error : new Complaint({ error });
  };
  // Without a prototype, so that "constructor" is no command.
  const routes = Object.assign(
    Object.create(null),
    Object.fromEntries(commands.map(({ name, target }) => [name, target])),
  );
  const root = buildRouteMap({
    routes,
    aliases: Object.create(null),
    docs: { brief: "dray" },
  });
  return buildApplication<CliContext>(root, {
    name: "dray",
    scanner: {
      caseStyle: "allow-kebab-for-camel",
      allowArgumentEscapeSequence: true,
    },
    localization: {
      text: {
        ...text_en,
        noCommandRegisteredForInput: ({ input }) => {
          throw new Complaint({ unknownCommand: input });
        },
        exceptionWhileParsingArguments: misuse,
        exceptionWhileLoadingCommandFunction: rethrow,
        exceptionWhileLoadingCommandContext: rethrow,
        exceptionWhileRunningCommand: rethrow,
      },
    },
  }, {});
}
