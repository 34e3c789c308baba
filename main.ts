import { readEnvironment } from "./src/cli/environment.ts";
import { runCli } from "./src/cli/run_cli.ts";
import { createStdio } from "./src/cli/stdio.ts";
import { onInterrupt } from "./src/cli/on_interrupt.ts";
import { onResume } from "./src/cli/on_resume.ts";

Deno.exitCode = await runCli(Deno.args, {
  stdio: createStdio(),
  environment: readEnvironment((name) => Deno.env.get(name)),
  os: Deno.build.os,
  now: Date.now,
  onInterrupt,
  onResume,
});
