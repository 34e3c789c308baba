import {
  type Aliases,
  buildCommand,
  type Command,
  type FlagParametersForType,
} from "@stricli/core";
import type { CliContext } from "./cli_context.ts";
import {
  GLOBAL_ALIASES,
  GLOBAL_FLAGS,
  type GlobalFlags,
} from "./global_flags.ts";
import type { Session } from "./session.ts";

/** Does a command's work and tells its exit code, 0 by default; loaded when the command runs. */
export type Runner<Flags> = (
  session: Session,
  flags: Flags & GlobalFlags,
  args: readonly string[],
) => Promise<number | void>;

/** What `dray help COMMAND` tells besides the options. */
export interface CommandDocs {
  /** A few words for the list of commands. */
  readonly brief: string;
  /** What it does, in a few lines. */
  readonly description: string;
  readonly examples: readonly CommandExample[];
  /** Exit codes that matter here: `3 not found, 4 access refused`. */
  readonly exitCodes: string;
  /** Whether it talks to registries, so that the options of the network matter. */
  readonly network: boolean;
}

/** A command line and what it is for. */
export interface CommandExample {
  readonly command: string;
  readonly does: string;
}

/** The arguments of a command, all of one kind. */
export interface CommandArguments {
  readonly placeholder: string;
  readonly brief: string;
  readonly min: number;
  readonly max?: number;
}

/** What the help needs to know of an option's definition. */
export interface FlagDocs {
  readonly kind: "boolean" | "counter" | "enum" | "parsed";
  readonly brief: string;
  readonly placeholder?: string;
  readonly default?: unknown;
  readonly variadic?: unknown;
  /** Of an enum. */
  readonly values?: readonly string[];
}

/** All that {@linkcode defineCommand} needs. */
export interface CommandDefinition<Flags> {
  readonly name: string;
  readonly docs: CommandDocs;
  readonly flags: FlagParametersForType<Flags, CliContext>;
  readonly aliases?: Aliases<keyof Flags & string>;
  readonly args: CommandArguments;
  /** Whether, interrupted and run again, it goes on where it stopped. Default: false. */
  readonly resumes?: boolean;
  /** Imports the command's code, hidden with `as string` so that no other command reads it. */
  readonly load: () => Promise<Runner<Flags>>;
}

/** A command, for the parser and for the help. */
export interface CliCommand {
  readonly name: string;
  readonly docs: CommandDocs;
  /** The command's own options. */
  readonly flags: Readonly<Record<string, FlagDocs>>;
  /** One-letter forms, to the option's key. */
  readonly aliases: Readonly<Record<string, string>>;
  readonly args: CommandArguments;
  readonly target: Command<CliContext>;
}

type ParsedFlags = Readonly<Record<string, unknown>>;

/** A command that has the global options besides its own, and runs in a session. */
export function defineCommand<Flags>(
  definition: CommandDefinition<Flags>,
): CliCommand {
  const { name, docs, args } = definition;
  // Sound: a table of definitions by option, which the compiler can't see of a type parameter.
  const flags = {
    ...definition.flags,
    ...GLOBAL_FLAGS,
  } as FlagParametersForType<ParsedFlags, CliContext>;
  const aliases = (definition.aliases ?? {}) as Aliases<string>;
  const target = buildCommand<ParsedFlags, string[], CliContext>({
    docs: { brief: docs.brief },
    parameters: {
      flags,
      aliases: { ...GLOBAL_ALIASES, ...aliases },
      positional: positionalOf(args),
    },
    loader: async () => {
      const [run, { openSession }] = await Promise.all([
        definition.load(),
        import("./session.ts"),
      ]);
      return async function (this: CliContext, parsed, ...rest): Promise<void> {
        // Sound: the parser filled it from the definitions of exactly these types.
        const values = parsed as Flags & GlobalFlags;
        using session = await openSession(this.host, values, {
          settings: this.settings,
          resumes: definition.resumes,
        });
        this.exitCode = await run(session, values, rest) ?? 0;
      };
    },
  });
  // Sound: what the help reads is part of every definition.
  const flagDocs = definition.flags as Readonly<Record<string, FlagDocs>>;
  return { name, docs, flags: flagDocs, aliases: shown(aliases), args, target };
}

function positionalOf(args: CommandArguments) {
  const { brief, placeholder } = args;
  return {
    kind: "array",
    parameter: { brief, placeholder, parse: String },
    minimum: args.min,
    ...(args.max === undefined ? {} : { maximum: args.max }),
  } as const;
}

function shown(aliases: Aliases<string>): Readonly<Record<string, string>> {
  return Object.fromEntries(
    Object.entries(aliases).filter(([, key]) => key !== undefined),
  );
}
