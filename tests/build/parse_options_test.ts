import assert from "node:assert/strict";
import { parseOptions } from "../../.build/parse_options.ts";
import { UsageError } from "../../src/errors.ts";

function namesOf(...args: readonly string[]): readonly string[] {
  return parseOptions(args).targets.map(({ name }) => name);
}

Deno.test("parseOptions() builds for all that the form has when no target is named", () => {
  const unix = [
    "linux-x86_64",
    "linux-aarch64",
    "darwin-x86_64",
    "darwin-aarch64",
  ];
  assert.deepEqual(namesOf(), [...unix, "windows-x86_64"]);
  assert.deepEqual(namesOf("--self-extracting"), unix);
});

Deno.test("parseOptions() takes a target by name, by deno's name or as host, each once", () => {
  const named = ["--target", "darwin-aarch64"];
  const triple = ["--target", "aarch64-apple-darwin"];
  assert.deepEqual(namesOf(...named, ...triple), ["darwin-aarch64"]);
  const { os, arch } = Deno.build;
  assert.deepEqual(namesOf("--target", "host"), [`${os}-${arch}`]);
});

const WRONG: readonly (readonly [args: readonly string[], message: RegExp])[] =
  [
    [["--target", "amiga"], /^Unknown target "amiga"$/],
    [["--target"], /--target/],
    [["--targets=x"], /--targets/],
    [["file.ts"], /file\.ts/],
    [
      ["--self-extracting", "--target", "windows-x86_64"],
      /^Cannot make "windows-x86_64" self-extracting: it has no sh$/,
    ],
  ];

for (const [args, message] of WRONG) {
  Deno.test(`parseOptions() throws when it is given ${args.join(" ")}`, () => {
    assert.throws(() => parseOptions(args), (error) => {
      assert(error instanceof UsageError);
      assert.match(error.message, message);
      assert.notEqual(error.hint, undefined);
      return true;
    });
  });
}
