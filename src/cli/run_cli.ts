import { arrangeArguments, type Arrangement } from "./arrange_arguments.ts";
import type { CliHost } from "./cli_context.ts";
import { StdoutClosedError } from "./stdio.ts";
import { VERSION } from "./version.ts";

const USAGE_EXIT_CODE = 2;
/** Asked by the scripts of `dray completions`, never by a person. */
const COMPLETE_COMMAND = "__complete";

/**
 * Runs a command line.
 *
 * @param args As typed, without the program's name.
 * @returns The exit code.
 */
export async function runCli(
  args: readonly string[],
  host: CliHost,
): Promise<number> {
  if (args[0] === COMPLETE_COMMAND) return await complete(args.slice(1), host);
  const form = { args };
  try {
    return await obey(arrangeArguments(args), host, form);
  } catch (error) {
    if (error instanceof StdoutClosedError) return 0;
    const { renderError, toDrayError }: typeof import("./render_error.ts") =
      await import("./render_error.ts" as string);
    const dray = toDrayError(error);
    const wants = errorFormOf(form.args);
    const at = wants.events ? new Date(host.now()).toISOString() : undefined;
    host.stdio.writeError(renderError(dray, { ...wants, at }));
    return dray.exitCode;
  }
}

/** Whose options say how an error is shown; the user's defaults are among them once they are read. */
interface ErrorForm {
  args: readonly string[];
}

/**
 * What isn't needed isn't imported: the version comes at once.
 *
 * `as string` hides an import from Deno, which reads every file that a bare literal names, and
 * all that those name, before the program begins. The type names the module once more, for the
 * compiler and whoever draws the graph of modules; the bundler sees through it.
 */
async function obey(
  wish: Arrangement,
  host: CliHost,
  form: ErrorForm,
): Promise<number> {
  switch (wish.kind) {
    case "version":
      return say(host, `dray ${VERSION}\n`);
    case "none": {
      if (errorFormOf(form.args).json) throw await noCommand();
      const { helpText }: typeof import("./help_text.ts") = await import(
        "./help_text.ts" as string
      );
      host.stdio.writeError(helpText());
      return USAGE_EXIT_CODE;
    }
    case "help": {
      const { findHelpText, findManText }: typeof import("./help_text.ts") =
        await import("./help_text.ts" as string);
      const text = wish.man
        ? await findManText(wish.command)
        : findHelpText(wish.command);
      if (text !== undefined) return say(host, text);
      const json = errorFormOf(form.args).json ? ["--json"] : [];
      return await runCommand([wish.command ?? "", ...json], host, form);
    }
    case "command":
      return await runCommand(wish.arguments, host, form);
  }
}

/** For a program, which has no use for the help that a person is shown. */
async function noCommand(): Promise<Error> {
  const { UsageError }: typeof import("../errors.ts") = await import(
    "../errors.ts" as string
  );
  return new UsageError("usage", "Cannot run dray: no command is given", {
    hint: 'see "dray help" for the commands',
  });
}

/** Says nothing where it fails: the person is in the middle of typing. */
async function complete(
  args: readonly string[],
  host: CliHost,
): Promise<number> {
  try {
    const { runComplete }: typeof import("./complete/run_complete.ts") =
      await import("./complete/run_complete.ts" as string);
    await runComplete(args, host);
  } catch {
    // No proposal.
  }
  return 0;
}

async function runCommand(
  args: readonly string[],
  host: CliHost,
  form: ErrorForm,
): Promise<number> {
  const [program, { settleArguments }]: [
    typeof import("./run_command.ts"),
    typeof import("./settings/settle_arguments.ts"),
  ] = await Promise.all([
    import("./run_command.ts" as string),
    import("./settings/settle_arguments.ts" as string),
  ]);
  const settled = await settleArguments(args, host);
  form.args = settled.arguments;
  const { environment, settings } = settled;
  return await program.runCommand(
    settled.arguments,
    { ...host, environment },
    settings,
  );
}

function say(host: CliHost, text: string): number {
  host.stdio.writeOut(new TextEncoder().encode(text));
  return 0;
}

/** How errors are wanted, where the arguments may not even parse. */
function errorFormOf(
  args: readonly string[],
): { json: boolean; events: boolean; debug: boolean } {
  const text = ` ${args.join(" ")} `;
  const events = / --progress[= ]json /.test(text);
  return {
    json: args.includes("--json") || events,
    events,
    debug: / --log-level[= ]debug /.test(text),
  };
}
