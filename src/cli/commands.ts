import { completionsCommand } from "./commands/completions_command.ts";
import { configCommand } from "./commands/config_command.ts";
import { catCommand } from "./commands/cat_command.ts";
import { demoCommand } from "./commands/demo_command.ts";
import { dfCommand } from "./commands/df_command.ts";
import { digestCommand } from "./commands/digest_command.ts";
import { exportCommand } from "./commands/export_command.ts";
import { imagesCommand } from "./commands/images_command.ts";
import { importCommand } from "./commands/import_command.ts";
import { inspectCommand } from "./commands/inspect_command.ts";
import { loginCommand } from "./commands/login_command.ts";
import { logoutCommand } from "./commands/logout_command.ts";
import { lsCommand } from "./commands/ls_command.ts";
import { pullCommand } from "./commands/pull_command.ts";
import { pruneCommand } from "./commands/prune_command.ts";
import { rmCommand } from "./commands/rm_command.ts";
import { serveCommand } from "./commands/serve_command.ts";
import { tagsCommand } from "./commands/tags_command.ts";
import { unpackCommand } from "./commands/unpack_command.ts";
import { verifyCommand } from "./commands/verify_command.ts";
import type { CliCommand } from "./define_command.ts";

/** All commands, in the order of the help. */
export const COMMANDS: readonly CliCommand[] = [
  pullCommand,
  imagesCommand,
  inspectCommand,
  lsCommand,
  catCommand,
  unpackCommand,
  exportCommand,
  importCommand,
  rmCommand,
  pruneCommand,
  dfCommand,
  verifyCommand,
  digestCommand,
  tagsCommand,
  loginCommand,
  logoutCommand,
  serveCommand,
  demoCommand,
  configCommand,
  completionsCommand,
];
