import assert from "node:assert/strict";
import { askHelper } from "../../src/registry/credential_helper.ts";
import {
  HelperError,
  runHelperProgram,
} from "../../src/registry/run_helper.ts";
import { type TempDir, tempDir } from "../testing/temp_dir.ts";

async function writeHelper(dir: TempDir, script: string): Promise<string> {
  const path = dir.join("docker-credential-test");
  await Deno.writeTextFile(path, `#!/bin/sh\n${script}\n`, { mode: 0o755 });
  return path;
}

const onUnix = { ignore: Deno.build.os === "windows" };
const call = (program: string, timeoutMs = 10_000) => ({
  program,
  action: "get" as const,
  input: "quay.io",
  timeoutMs,
});

Deno.test(
  "runHelperProgram() hands over the input and gives back the output",
  onUnix,
  async () => {
    await using dir = await tempDir();
    const program = await writeHelper(dir, 'echo "$1 $(cat)"');
    assert.deepEqual(await runHelperProgram(call(program)), {
      success: true,
      stdout: "get quay.io\n",
    });
  },
);

Deno.test(
  "runHelperProgram() gives back the output of a failure",
  onUnix,
  async () => {
    await using dir = await tempDir();
    const program = await writeHelper(
      dir,
      "echo credentials not found; exit 1",
    );
    assert.deepEqual(await runHelperProgram(call(program)), {
      success: false,
      stdout: "credentials not found\n",
    });
  },
);

Deno.test(
  "runHelperProgram() stops a helper that hangs, and its output with it",
  onUnix,
  async () => {
    await using dir = await tempDir();
    const program = await writeHelper(dir, "exec sleep 60");
    await assert.rejects(runHelperProgram(call(program, 50)), (error) => {
      assert.ok(error instanceof HelperError);
      assert.match(error.message, /did not end within 50 ms/);
      return true;
    });
  },
);

Deno.test(
  "runHelperProgram() does not wait for what a hanging helper has started",
  onUnix,
  async () => {
    await using dir = await tempDir();
    const program = await writeHelper(
      dir,
      `sleep 20 & echo $! > ${dir.join("pid")}; sleep 20`,
    );
    const start = performance.now();
    await assert.rejects(runHelperProgram(call(program, 200)), HelperError);
    assert.ok(performance.now() - start < 5_000);
    Deno.kill(Number(await Deno.readTextFile(dir.join("pid"))), "SIGKILL");
  },
);

Deno.test(
  "runHelperProgram() stops a helper that prints without end",
  onUnix,
  async () => {
    await using dir = await tempDir();
    const program = await writeHelper(dir, "exec yes");
    await assert.rejects(
      runHelperProgram(call(program)),
      /prints more than 1 MiB/,
    );
  },
);

Deno.test(
  "runHelperProgram() bears a helper that reads no input",
  onUnix,
  async () => {
    await using dir = await tempDir();
    const program = await writeHelper(dir, "exec 0<&-; echo done");
    const long = { ...call(program), input: "x".repeat(1_000_000) };
    assert.equal((await runHelperProgram(long)).stdout, "done\n");
  },
);

Deno.test("runHelperProgram() says that a helper is not installed", async () => {
  await assert.rejects(
    runHelperProgram(call("docker-credential-there-is-no-such")),
    (error) =>
      error instanceof HelperError && /is not installed/.test(error.message),
  );
});

Deno.test(
  "runHelperProgram() says that a file may not be run",
  onUnix,
  async () => {
    await using dir = await tempDir();
    const program = dir.join("docker-credential-test");
    await Deno.writeTextFile(program, "text", { mode: 0o644 });
    await assert.rejects(runHelperProgram(call(program)), HelperError);
  },
);

Deno.test(
  "runHelperProgram() ends with the caller's signal",
  onUnix,
  async () => {
    await using dir = await tempDir();
    const program = await writeHelper(
      dir,
      `echo > ${dir.join("up")}; exec sleep 60`,
    );
    const controller = new AbortController();
    const run = runHelperProgram({
      ...call(program),
      signal: controller.signal,
    });
    controller.abort(new Error("enough"));
    await assert.rejects(run, /enough/);
  },
);

Deno.test(
  "runHelperProgram() gives back what a failing helper complains of, capped, though its child holds it open",
  onUnix,
  async () => {
    await using dir = await tempDir();
    const program = await writeHelper(dir, "echo no bus >&2; sleep 5 & exit 1");
    const result = await runHelperProgram(call(program));
    assert.deepEqual(result, {
      success: false,
      stdout: "",
      stderr: "no bus\n",
    });
    const noisy = await writeHelper(dir, "yes | head -c 300000 >&2; exit 1");
    assert.equal((await runHelperProgram(call(noisy))).stderr?.length, 4096);
  },
);

Deno.test("askHelper() passes on a helper's complaint, escaped and short", async () => {
  const query = { helper: "x", registry: "quay.io", where: "F" };
  const answer = (stdout: string, stderr?: string) =>
    askHelper(
      () =>
        Promise.resolve({
          success: false,
          stdout,
          ...(stderr === undefined ? {} : { stderr }),
        }),
      query,
      {},
    );
  const cases = [
    ["", "\x1b[31mno bus\nmore", 'says "\\x1b[31mno bus"'],
    ["locked\n", "noise", 'says "locked"'],
    ["", undefined, "fails without a reason"],
    ["", "x".repeat(5000), `says "${"x".repeat(200)}…"`],
  ] as const;
  for (const [stdout, stderr, reason] of cases) {
    assert.deepEqual(await answer(stdout, stderr), { kind: "failed", reason });
  }
});
