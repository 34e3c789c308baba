import assert from "node:assert/strict";
import { COMMANDS } from "../../../src/cli/commands.ts";
import { ENVIRONMENT_VARIABLES } from "../../../src/cli/environment.ts";
import { environmentDocs } from "../../../src/cli/man/environment_docs.ts";
import { flagText } from "../../../src/cli/global_flags.ts";
import { roffText } from "../../../src/cli/man/roff.ts";
import { requirePeers } from "../../testing/peers.ts";
import { runCommand } from "../../testing/run_command.ts";
import { tempDir } from "../../testing/temp_dir.ts";
import { runInProcess } from "../fake_host.ts";

const man = await requirePeers("man");
const mandoc = await requirePeers("mandoc");
const NAMES = [undefined, ...COMMANDS.map(({ name }) => name)];

async function manPage(name: string | undefined): Promise<string> {
  const { code, stdout, stderr } = await runInProcess([
    "help",
    "--man",
    ...(name === undefined ? [] : [name]),
  ]);
  assert.deepEqual([code, stderr], [0, ""]);
  return stdout;
}

Deno.test("dray help --man tells of every command, option and variable", async () => {
  const page = await manPage(undefined);
  for (const { name, flags } of COMMANDS) {
    assert.ok(page.includes(`\n.B "${name}"\n`), name);
    const own = await manPage(name);
    for (const key of Object.keys(flags)) {
      assert.ok(own.includes(roffText(flagText(key))), key);
    }
  }
  const documented = environmentDocs().flatMap(([names]) => names.split(", "));
  for (const name of ENVIRONMENT_VARIABLES) {
    assert.ok(
      documented.includes(name) || documented.includes(name.toUpperCase()),
      name,
    );
  }
});

Deno.test("dray help --man COMMAND of no command is wrong usage with the nearest", async () => {
  const { code, stdout, stderr } = await runInProcess(["help", "--man", "pul"]);
  assert.deepEqual([code, stdout], [2, ""]);
  assert.match(stderr, /hint: did you mean "pull"\?/);
});

Deno.test("roffText() leaves nothing that roff acts on", () => {
  const table = [
    ["a\\b", "a\\eb"],
    ["--x-y", "\\-\\-x\\-y"],
    [".TH", "\\&.TH"],
    ["a\n.b", "a\n\\&.b"],
    ["'x", "\\(aqx"],
    ["~/`^", "\\(ti/\\(ga\\(ha"],
  ] as const;
  for (const [text, wanted] of table) assert.equal(roffText(text), wanted);
});

man.test("man shows every page of dray help --man without a warning", async () => {
  await using dir = await tempDir();
  for (const name of NAMES) {
    const path = dir.join(`dray-${name}.1`);
    await Deno.writeTextFile(path, await manPage(name));
    const args = ["--warnings", "-E", "UTF-8", "-l", path];
    const { code, stdout, stderr } = await runCommand("man", args, {
      env: { LC_ALL: "C.UTF-8", MANWIDTH: "80", MAN_KEEP_FORMATTING: "" },
    });
    assert.deepEqual([code, stderr], [0, ""], name);
    assert.match(stdout, /EXIT STATUS/);
    for (const line of stdout.split("\n")) {
      // deno-lint-ignore no-control-regex
      assert.ok(line.replace(/.\x08/g, "").length <= 80, line);
    }
  }
});

mandoc.test("mandoc -T lint finds nothing in any page of dray help --man but that it has no date", async () => {
  await using dir = await tempDir();
  for (const name of NAMES) {
    const path = dir.join(`dray-${name}.1`);
    await Deno.writeTextFile(path, await manPage(name));
    const { stdout } = await runCommand("mandoc", ["-T", "lint", path]);
    const findings = stdout.split("\n").filter((line) =>
      line !== "" && !/missing date|referenced manual not found/.test(line)
    );
    assert.deepEqual(findings, [], name);
  }
});
