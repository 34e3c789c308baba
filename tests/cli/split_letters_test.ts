import assert from "node:assert/strict";
import { COMMANDS } from "../../src/cli/commands.ts";
import { GLOBAL_ALIASES } from "../../src/cli/global_flags.ts";
import { splitLetters } from "../../src/cli/split_letters.ts";
import { findOption, takesValue } from "../../src/cli/typed_line.ts";
import { tempDir } from "../testing/temp_dir.ts";
import { runInProcess } from "./fake_host.ts";

const LINES: readonly (readonly [typed: string, apart: string])[] = [
  ["pull -qh", "pull -q -h"],
  ["ls -lRq a", "ls -l -R -q a"],
  ["-qV", "-q -V"],
  ["export -oout.tar a", "export -o out.tar a"],
  ["export -qoout.tar a", "export -q -o out.tar a"],
  ["export -qo out.tar a", "export -q -o out.tar a"],
  ["export -qo- a", "export -q -o - a"],
  ["login -umeqh r", "login -u meqh r"],
  ["pull -vq a", "pull -v -q a"],
  // One letter, a value behind "=", long options, "-" and what is no letter stay.
  ["pull -q a", "pull -q a"],
  ["export -o=out.tar -o - a", "export -o=out.tar -o - a"],
  ["export -qo=out.tar a", "export -q -o=out.tar a"],
  ["pull --quiet --store=x a", "pull --quiet --store=x a"],
  ["pull -q-json -5 a", "pull -q-json -5 a"],
  ["pull -- -qh", "pull -- -qh"],
  ["pull -qu-me a", "pull -q --username=-me a"],
  ["export -o- a", "export -o - a"],
];

Deno.test("splitLetters() takes letters and their values apart as getopt does", () => {
  for (const [typed, apart] of LINES) {
    assert.deepEqual(splitLetters(typed.split(" ")), apart.split(" "), typed);
  }
});

Deno.test("splitLetters() knows which letters of all commands take a value", () => {
  for (const command of COMMANDS) {
    const letters = Object.keys({ ...GLOBAL_ALIASES, ...command.aliases });
    for (const letter of letters) {
      const option = findOption(`-${letter}`, command);
      assert.ok(option);
      assert.deepEqual(
        splitLetters([`-${letter}q`]),
        [`-${letter}`, takesValue(option) ? "q" : "-q"],
        `${command.name} -${letter}`,
      );
      if (!takesValue(option)) continue;
      assert.deepEqual(splitLetters([`-${letter}-q`]), [
        `${option.text}=-q`,
      ], `${command.name} -${letter}`);
    }
  }
});

Deno.test("dray understands letters in one word: help, quiet, an output behind its letter", async () => {
  await using dir = await tempDir();
  const environment = { DRAY_HOME: dir.path };
  const help = await runInProcess(["pull", "-qh"], { environment });
  assert.equal(help.code, 0);
  assert.match(help.stdout, /^Pulls images into the local store/);
  const version = await runInProcess(["-qV"], { environment });
  assert.match(version.stdout, /^dray \d/);
  const unknown = await runInProcess(["images", "-qx"], { environment });
  assert.equal(unknown.code, 2);
  assert.match(unknown.stderr, /there is no option "-x"/);
  const output = await runInProcess(
    ["export", "--format=oci-archive", `-qo${dir.path}/a.tar`, "alpine"],
    { environment },
  );
  assert.equal(output.code, 3);
});
