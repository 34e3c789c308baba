import assert from "node:assert/strict";
import { UsageError } from "../../src/errors.ts";
import {
  arrangeArguments,
  type Arrangement,
} from "../../src/cli/arrange_arguments.ts";

function command(text: string): Arrangement {
  return { kind: "command", arguments: text.split(" ") };
}

const ARRANGED: readonly (readonly [typed: string, wish: Arrangement])[] = [
  ["", { kind: "none" }],
  ["--json", { kind: "none" }],
  ["pull a", command("pull a")],
  ["--json pull a", command("pull --json a")],
  ["-q pull a --json", command("pull -q a --json")],
  ["--store d pull a", command("pull --store d a")],
  ["--store=d --json pull a", command("pull --store=d --json a")],
  ["--store pull pull a", command("pull --store pull a")],
  [
    "--progress json --log-level debug rm a",
    command("rm --progress json --log-level debug a"),
  ],
  // The later one wins, in whatever form.
  ["--store a pull b --store c", command("pull b --store c")],
  ["--store a pull b --store=c", command("pull b --store=c")],
  ["--store a --store b pull c", command("pull --store b c")],
  ["-q --quiet pull a", command("pull --quiet a")],
  ["-q pull a --quiet", command("pull a --quiet")],
  ["--store a pull b -- --store", command("pull --store a b -- --store")],
  // Options of a command are the parser's business.
  ["--platform x pull a", command("--platform x pull a")],
  ["--nope pull a", command("--nope pull a")],
  ["help", { kind: "help" }],
  ["--help", { kind: "help" }],
  ["-h", { kind: "help" }],
  ["--json --help", { kind: "help" }],
  ["help pull", { kind: "help", command: "pull" }],
  ["help --json pull", { kind: "help", command: "pull" }],
  ["pull --help", { kind: "help", command: "pull" }],
  ["pull a --json -h", { kind: "help", command: "pull" }],
  ["pull -- --help", command("pull -- --help")],
  ["--version", { kind: "version" }],
  ["-V", { kind: "version" }],
  ["--json --version", { kind: "version" }],
  ["-- pull", command("-- pull")],
];

Deno.test("arrangeArguments() brings the command to the front", () => {
  for (const [typed, wish] of ARRANGED) {
    const args = typed === "" ? [] : typed.split(" ");
    assert.deepEqual(arrangeArguments(args), wish, typed);
  }
});

Deno.test("arrangeArguments() refuses options without their value", () => {
  for (
    const typed of [
      "--store",
      "--json --store",
      "--store= pull",
      "pull --platform= a",
      "images -o=",
    ]
  ) {
    assert.throws(
      () => arrangeArguments(typed.split(" ")),
      (error) =>
        error instanceof UsageError &&
        / its value is missing$/.test(error.message),
      typed,
    );
  }
  assert.doesNotThrow(() => arrangeArguments(["pull", "--", "--x="]));
});
