import assert from "node:assert/strict";
import { mergePieces } from "../../.build/merge_pieces.ts";
import { mustRun } from "../testing/run_command.ts";
import { tempDir } from "../testing/temp_dir.ts";

/** A program in pieces: both of its late ones need `shared`, one of them `alone` too. */
const PIECES: ReadonlyMap<string, string> = new Map([
  [
    "main.js",
    `import {\n  start\n} from "./early-AAAAAAAA.js";
const { one } = await import("./one-BBBBBBBB.js");
const { two } = await import("./two-CCCCCCCC.js");
console.log(start, await one(), two());\n`,
  ],
  ["early-AAAAAAAA.js", `var start = "start";\nexport {\n  start\n};\n`],
  [
    "one-BBBBBBBB.js",
    `import {\n  Shared\n} from "./shared-DDDDDDDD.js";
import {\n  start\n} from "./early-AAAAAAAA.js";
import {\n  name as name2\n} from "./alone-EEEEEEEE.js";
var name = "one";
async function one() {
  const { two } = await import("./two-CCCCCCCC.js");
  return [start, name, name2, two() instanceof Shared].join();
}
export {\n  one\n};\n`,
  ],
  [
    "two-CCCCCCCC.js",
    `import "./effect-FFFFFFFF.js";
import {\n  Shared\n} from "./shared-DDDDDDDD.js";
function make() {\n  return new Shared();\n}
export {\n  make as two\n};\n`,
  ],
  [
    "shared-DDDDDDDD.js",
    `var name = "shared";
var Shared = class {\n  name = name;\n};\nexport {\n  Shared\n};\n`,
  ],
  ["alone-EEEEEEEE.js", `var name = "alone";\nexport {\n  name\n};\n`],
  ["effect-FFFFFFFF.js", `console.log("effect");\n`],
]);

const OPTIONS = {
  together: { first: ["one"], second: ["two"] },
  apart: ["main.js"],
};

Deno.test("mergePieces() makes one piece of those that the same commands need, and the program does the same", async () => {
  const merged = await mergePieces(PIECES, OPTIONS);
  assert.deepEqual([...merged.keys()].sort(), [
    "early-AAAAAAAA.js",
    "first-AAAAAAAA.js",
    "first_second-AAAAAAAA.js",
    "main.js",
    "one-BBBBBBBB.js",
    "second-AAAAAAAA.js",
    "two-CCCCCCCC.js",
  ]);
  assert.equal(await run(merged), await run(PIECES));
});

Deno.test("mergePieces() leaves alone what must come fast by itself, with all that it needs", async () => {
  const merged = await mergePieces(PIECES, {
    ...OPTIONS,
    apart: ["main.js", "two"],
  });
  for (const name of ["main.js", "two-CCCCCCCC.js", "shared-DDDDDDDD.js"]) {
    assert.equal(merged.get(name), PIECES.get(name));
  }
  assert.equal(await run(merged), await run(PIECES));
});

async function run(pieces: ReadonlyMap<string, string>): Promise<string> {
  await using dir = await tempDir();
  for (const [name, text] of pieces) {
    await Deno.writeTextFile(dir.join(name), text);
  }
  const out = await mustRun(Deno.execPath(), [
    "run",
    "--no-config",
    dir.join("main.js"),
  ]);
  assert.match(out, /start/);
  return out;
}
