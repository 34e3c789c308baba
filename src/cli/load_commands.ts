import type { CliCommand } from "./define_command.ts";

/**
 * Where each command is defined, so that one that runs brings no other along. What is left out
 * here is found all the same, with all of them.
 */
const LOADERS: Readonly<Record<string, () => Promise<CliCommand>>> = {
  pull: async () => {
    const { pullCommand }: typeof import("./commands/pull_command.ts") =
      await import("./commands/pull_command.ts" as string);
    return pullCommand;
  },
  images: async () => {
    const { imagesCommand }: typeof import("./commands/images_command.ts") =
      await import("./commands/images_command.ts" as string);
    return imagesCommand;
  },
  inspect: async () => {
    const { inspectCommand }: typeof import("./commands/inspect_command.ts") =
      await import("./commands/inspect_command.ts" as string);
    return inspectCommand;
  },
  rm: async () => {
    const { rmCommand }: typeof import("./commands/rm_command.ts") =
      await import("./commands/rm_command.ts" as string);
    return rmCommand;
  },
};

/** The command of a name, alone where that is known at once; else all there are. */
export async function loadCommands(
  name: string | undefined,
): Promise<readonly CliCommand[]> {
  if (name !== undefined && Object.hasOwn(LOADERS, name)) {
    const command = await LOADERS[name]?.();
    if (command !== undefined) return [command];
  }
  const { COMMANDS }: typeof import("./commands.ts") = await import(
    "./commands.ts" as string
  );
  return COMMANDS;
}
