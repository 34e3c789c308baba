/**
 * Runs the tests that start dray as a user does, with an executable in place of the source:
 *
 *     deno task test:executable [FILE]
 *
 * Without a file it builds the self-extracting one for this machine first.
 */
import { resolve } from "node:path";
import { findTestsOf } from "./find_tests_of.ts";
import { ROOT } from "./project.ts";

async function run(
  args: readonly string[],
  env: Readonly<Record<string, string>> = {},
): Promise<boolean> {
  const command = new Deno.Command(Deno.execPath(), {
    args: [...args],
    env: { ...env },
    cwd: ROOT,
    stdin: "inherit",
    stdout: "inherit",
    stderr: "inherit",
  });
  return (await command.spawn().status).success;
}

async function build(): Promise<string | undefined> {
  const compile = `${ROOT}.build/compile.ts`;
  const form = ["--self-extracting", "--target", "host"];
  const { os, arch } = Deno.build;
  return await run(["run", "-A", compile, ...form])
    ? `${ROOT}dist/dray-${os}-${arch}`
    : undefined;
}

const [given] = Deno.args;
const binary = given === undefined ? await build() : resolve(given);
const tests = await findTestsOf(`${ROOT}tests`, "testing/run_dray.ts");
// How it is built has been tested already.
const paths = tests.filter((path) => !path.startsWith("build/"))
  .map((path) => `tests/${path}`);
const passed = binary !== undefined &&
  await run(["test", "--quiet", "-A", ...paths], { DRAY_BIN: binary });
if (!passed) Deno.exitCode = 1;
