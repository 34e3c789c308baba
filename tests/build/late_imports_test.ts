import assert from "node:assert/strict";
import { hideLateImports } from "../../.build/late_imports.ts";
import { bundleProgram } from "../../.build/bundle_program.ts";
import { mustRun } from "../testing/run_command.ts";
import { tempDir } from "../testing/temp_dir.ts";

Deno.test("hideLateImports() hides late imports of pieces, and nothing else", () => {
  const cases = [
    [
      'load: () => import("./run_pull-1234.js"),',
      'load: () => import("" + "./run_pull-1234.js"),',
    ],
    ['await import("node:zlib")', 'await import("node:zlib")'],
    ['import{a}from"./chunk-1.js"', 'import{a}from"./chunk-1.js"'],
    ['reimport("./x.js")', 'reimport("./x.js")'],
  ] as const;
  for (const [text, expected] of cases) {
    assert.equal(hideLateImports(text), expected);
  }
});

Deno.test("bundleProgram() makes a program that starts without reading any command's code", async () => {
  await using dir = await tempDir();
  await bundleProgram(dir.path);
  const info = ["info", "--json", "--no-config", dir.join("main.js")];
  const { modules } = JSON.parse(await mustRun(Deno.execPath(), info));
  const read = modules.map(({ specifier }: { specifier: string }) =>
    specifier.replace(/.*\//, "")
  );
  assert(read.includes("main.js"));
  assert.deepEqual(read.filter((name: string) => /^run_/.test(name)), []);
  const all = [...Deno.readDirSync(dir.path)].map(({ name }) => name);
  const pieces = all.filter((name) => name.endsWith(".js"));
  for (const name of pieces) {
    const text = await Deno.readTextFile(dir.join(name));
    // What the sources hide from Deno the bundler has found.
    assert.doesNotMatch(text, /\bimport\([^)]*\.ts"/, name);
  }
  assert(all.some((name) => name.startsWith("run_pull-")));
  assert(read.length < all.length / 4, `${read.length} of ${all.length}`);
});
