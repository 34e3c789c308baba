import assert from "node:assert/strict";
import { compileError } from "../../.build/compile_native.ts";
import { parseTarget } from "../../.build/targets.ts";
import config from "../../deno.json" with { type: "json" };
import { mustRun, runCommand } from "../testing/run_command.ts";
import { tempDir } from "../testing/temp_dir.ts";

const ROOT = new URL("../../", import.meta.url).pathname;

/** What `deno task compile` runs. */
function compile(...args: readonly string[]): readonly string[] {
  return ["run", "-A", `${ROOT}.build/compile.ts`, ...args];
}

// Deno's runtime base is not part of Deno; Deno itself is a base that is always there: what comes
// out carries the program and its permissions, but starts as Deno.
Deno.test("deno task compile embeds the program, its worker and dray's permissions, with a SHA-256 beside", async () => {
  await using dir = await tempDir();
  const env = { DENORT_BIN: Deno.execPath() };
  const args = compile("--target", "host", "--out", dir.path);
  const out = await mustRun(Deno.execPath(), args, { env });
  const name = `dray-${Deno.build.os}-${Deno.build.arch}`;
  assert.equal(out, `${dir.path}/${name}\n`);
  assert.equal(((await Deno.stat(out.trim())).mode ?? 0) & 0o777, 0o755);

  const sums = await mustRun("sha256sum", ["-c", `${name}.sha256`], {
    cwd: dir.path,
  });
  assert.equal(sums, `${name}: OK\n`);

  const base = await Deno.stat(Deno.execPath());
  const bytes = await Deno.readFile(out.trim());
  const embedded = new TextDecoder("latin1").decode(bytes.subarray(base.size));
  const permissions = /"permissions":(\{.*?\}),"location"/.exec(embedded)?.[1];
  const { allow_env, allow_run, allow_ffi, allow_sys } = JSON.parse(
    permissions ?? "{}",
  );
  const { dray } = config.permissions;
  assert.deepEqual(allow_env, dray.env.allow);
  // An empty list allows all: credential helpers have any name.
  assert.deepEqual([allow_run, dray.run], [[], true]);
  assert.deepEqual(allow_sys, dray.sys);
  assert.equal(allow_ffi ?? undefined, undefined);
  assert(embedded.includes('import "./src/unpack/decompress_worker.js";'));
  assert(embedded.includes('import "./src/unpack_image/unpack_worker.js";'));
  assert(embedded.includes("CREATE TABLE"));
});

Deno.test("deno task compile names the other form when Deno's runtime base can't be had", async () => {
  await using dir = await tempDir();
  const env = { DENORT_BIN: dir.join("none") };
  const args = compile("--target", "host", "--out", dir.join("out"));
  const { code, stdout, stderr } = await runCommand(Deno.execPath(), args, {
    env,
  });
  assert.deepEqual([code, stdout], [5, ""]);
  const [error = "", hint = "", ...rest] = stderr.split("\n");
  assert.match(
    error,
    /^compile: error: Cannot compile for ".*": Deno's runtime base can't be had: .*none/,
  );
  assert.match(hint, /^hint: .*deno task compile --self-extracting/);
  assert.deepEqual(rest, [""]);
  assert.deepEqual([...Deno.readDirSync(dir.join("out"))], []);
});

const UNREACHABLE =
  `error: Writing deno compile executable to temporary file 'x'

Caused by:
    0: Setting up base binary.
    1: error sending request for url (https://dl.deno.land/denort.zip): client error (Connect)
    2: client error (Connect)

Stack backtrace:
   0: <unknown>
`;
const OTHER = `error: Writing deno compile executable to temporary file 'x'

Caused by:
    0: Writing binary bytes
    1: Invalid object: Failed to parse PE

Stack backtrace:
   0: <unknown>
`;

Deno.test("compileError() tells a base that is out of reach from any other failure", () => {
  const target = parseTarget("linux-x86_64");
  const base = compileError(target, UNREACHABLE);
  assert.deepEqual([base.code, base.exitCode], ["no-base", 5]);
  assert.match(base.message, /had: .*dl\.deno\.land.*\(Connect\)$/);
  const other = compileError(target, OTHER);
  assert.deepEqual([other.code, other.exitCode], ["compile-failed", 1]);
  assert.match(other.message, /: Invalid object: Failed to parse PE$/);
  const plain = compileError(target, "error: odd\n");
  assert.match(plain.message, /: error: odd$/);
});
