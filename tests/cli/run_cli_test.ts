import assert from "node:assert/strict";
import { COMMANDS } from "../../src/cli/commands.ts";
import { VERSION } from "../../src/cli/version.ts";
import { runInProcess } from "./fake_host.ts";

const words = (text: string): string[] => text === "" ? [] : text.split(" ");

Deno.test("dray --version prints the version of deno.json", async () => {
  const text = await Deno.readTextFile(
    new URL("../../deno.json", import.meta.url),
  );
  assert.equal(JSON.parse(text).version, VERSION);
  const outcome = await runInProcess(["--version"]);
  assert.deepEqual(outcome, {
    code: 0,
    stdout: `dray ${VERSION}\n`,
    stderr: "",
  });
});

Deno.test("dray alone is wrong usage and shows the help on stderr", async () => {
  const { code, stdout, stderr } = await runInProcess([]);
  assert.equal(code, 2);
  assert.equal(stdout, "");
  assert.match(stderr, /Usage:\n {2}dray \[OPTIONS\] COMMAND/);
});

Deno.test("dray help shows every command, in 80 columns", async () => {
  const { code, stdout, stderr } = await runInProcess(["help"]);
  assert.equal(code, 0);
  assert.equal(stderr, "");
  for (const { name, docs } of COMMANDS) {
    assert.match(stdout, new RegExp(`^  ${name} +${docs.brief}$`, "m"));
  }
  for (const line of stdout.split("\n")) assert.ok(line.length <= 80, line);
});

Deno.test("dray help COMMAND and dray COMMAND --help say the same, in 80 columns", async () => {
  for (const { name } of COMMANDS) {
    const help = await runInProcess(["help", name]);
    assert.equal(help.code, 0);
    assert.deepEqual(await runInProcess([name, "--help"]), help);
    assert.deepEqual(await runInProcess([name, "x", "-h"]), help);
    assert.match(help.stdout, /^Examples:\n/m);
    assert.match(help.stdout, /^Exit codes: 0 done/m);
    for (const line of help.stdout.split("\n")) {
      assert.ok(line.length <= 80, line);
    }
  }
});

Deno.test("every example of the help is a command line that parses", async () => {
  for (const { docs } of COMMANDS) {
    for (const { command } of docs.examples) {
      const [program, ...args] = words(
        command.split(" | ")[0]?.replace("…", "0".repeat(64)) ?? "",
      );
      assert.equal(program, "dray");
      // The next word of help keeps it from being run.
      const { code, stderr } = await runInProcess([...args, "--nope"]);
      assert.equal(code, 2);
      assert.match(stderr, /there is no option \\?"--nope/, command);
    }
  }
});

const MISUSE:
  readonly (readonly [line: string, message: RegExp, hint: RegExp])[] = [
    [
      "pul",
      /^Cannot run dray: there is no command "pul"$/,
      /^did you mean "pull"\?$/,
    ],
    ["imgaes", /there is no command "imgaes"/, /"images"/],
    ["frobnicate", /there is no command "frobnicate"/, /see "dray help"/],
    ["constructor", /there is no command "constructor"/, /see "dray help"/],
    ["__proto__", /there is no command "__proto__"/, /see "dray help"/],
    ["help pul", /there is no command "pul"/, /"pull"/],
    ["halp", /there is no command "halp"/, /^did you mean "help"\?$/],
    ["list", /there is no command "list"/, /^did you mean "images"\?$/],
    ["rmi x", /there is no command "rmi"/, /^did you mean "rm"\?$/],
    ["--nope images", /there is no option "--nope"$/, /see "dray help"/],
    [
      "--progres json images",
      /there is no option "--progres"$/,
      /^did you mean "--progress"\?$/,
    ],
    [
      "--platform a/b pull x",
      /there is no option "--platform"$/,
      /^the options of a command stand behind it: dray pull --platform$/,
    ],
    [
      "pull --all-platform x",
      /there is no option "--all-platform"$/,
      /^did you mean "--all-platforms"\?$/,
    ],
    [
      "pull --max_conections 3 x",
      /there is no option "--max_conections"$/,
      /^did you mean "--max-connections"\?$/,
    ],
    [
      "pull --log-level debgu x",
      /option "--log-level" has no value "debgu"$/,
      /^did you mean "debug"\?$/,
    ],
    [
      "pull --plattform a/b x",
      /"dray pull": there is no option "--plattform"$/,
      /"--platform"/,
    ],
    ["images -z", /there is no option "-z"$/, /see "dray help images"/],
    [
      "images --store",
      /option "--store" lacks its value$/,
      /see "dray help images"/,
    ],
    [
      "images --json=perhaps",
      /option "--json" takes no value "perhaps"$/,
      /see "dray help images"/,
    ],
    ["images -q --quiet", /option "--quiet" is given twice$/, /see/],
    [
      "images --progress fancy",
      /option "--progress" has no value "fancy"$/,
      /auto, tty, plain, json, none/,
    ],
    [
      "df extra",
      /there is no use for argument "extra"$/,
      /see "dray help df"/,
    ],
    ["unpack alpine", /argument DIR is missing$/, /see "dray help unpack"/],
    ["rm", /argument REF is missing$/, /see "dray help rm"/],
    [
      "inspect a b",
      /there is no use for argument "b"$/,
      /see "dray help inspect"/,
    ],
    [
      "pull --max-connections 0 a",
      /"--max-connections": cannot read number "0": not a whole number from 1 to 64$/,
      /see "dray help pull"/,
    ],
    [
      "pull --limit-rate fast a",
      /"--limit-rate": cannot read rate "fast"/,
      /20M/,
    ],
    [
      "pull --idle-timeout never a",
      /"--idle-timeout": cannot read duration "never"/,
      /500ms/,
    ],
    ["--store", /option "--store": its value is missing$/, /^$/],
    ["df --\x1b[2Jx", /there is no option "--\\x1b\[2Jx"$/, /see/],
  ];

Deno.test("wrong usage is exit code 2, one line and a hint", async () => {
  for (const [line, message, hint] of MISUSE) {
    const { code, stdout, stderr } = await runInProcess(words(line));
    assert.equal(code, 2, line);
    assert.equal(stdout, "", line);
    const [first = "", second = "", ...rest] = stderr.trimEnd().split("\n");
    assert.match(first, /^dray: error: /);
    assert.match(first.slice("dray: error: ".length), message);
    assert.match(second.replace(/^hint: /, ""), hint, line);
    assert.deepEqual(rest, [], line);
  }
});

Deno.test("wrong usage is one JSON object with --json, wherever that stands", async () => {
  const lines = [
    "--json",
    "--json pul",
    "pul --json",
    "images --nope --json",
    "--json help nosuch",
    "help nosuch --json",
  ];
  for (const line of lines) {
    const { code, stdout, stderr } = await runInProcess(words(line));
    assert.equal(code, 2);
    assert.equal(stdout, "");
    const { event, code: errorCode, exitCode, message, hint, ...rest } = JSON
      .parse(stderr);
    assert.deepEqual([event, errorCode, exitCode], ["error", "usage", 2]);
    assert.match(message, /^Cannot run /);
    assert.match(hint, /dray help|did you mean/);
    assert.deepEqual(rest, {});
  }
});

Deno.test("errors among progress events have their moment", async () => {
  const { stderr } = await runInProcess(["--progress", "json", "rm"], {
    nowMs: 0,
  });
  assert.equal(JSON.parse(stderr).at, "1970-01-01T00:00:00.000Z");
});

Deno.test("only --log-level debug shows a stack", async () => {
  const plain = await runInProcess(["rm"]);
  assert.doesNotMatch(plain.stderr, /\n {4}at /);
  const debug = await runInProcess(["rm", "--log-level", "debug"]);
  assert.match(debug.stderr, /\n {4}at /);
});
