import assert from "node:assert/strict";
import { mustRun, runCommand, spawnCommand } from "./run_command.ts";

Deno.test("runCommand() gives code, output and just the environment that was given", async () => {
  const result = await runCommand("/bin/sh", [
    "-c",
    "cat; echo $A$HOME >&2; exit 3",
  ], {
    stdin: "in",
    env: { A: "b" },
    clearEnv: true,
  });
  assert.deepEqual(result, {
    code: 3,
    signal: null,
    stdout: "in",
    stderr: "b\n",
  });
  await assert.rejects(
    mustRun("/bin/sh", ["-c", "echo why >&2; exit 1"]),
    /why/,
  );
});

Deno.test("spawnCommand() waits for stderr, and kills", async () => {
  const child = spawnCommand("/bin/sh", [
    "-c",
    "echo ready 7 >&2; exec sleep 1000",
  ]);
  assert.equal((await child.stderrMatches(/ready (\d)/))[1], "7");
  await assert.rejects(
    spawnCommand("/bin/sh", ["-c", "echo no >&2"]).stderrMatches(/ready/),
    /ended without/,
  );
  await child[Symbol.asyncDispose]();
  assert.equal((await child.result).signal, "SIGKILL");
});
