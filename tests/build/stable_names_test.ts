import assert from "node:assert/strict";
import { stableNames } from "../../.build/stable_names.ts";

/** A bundle with the names that one build or another would give. */
function bundle(leaf: string, middle: string): Map<string, string> {
  return new Map([
    ["main.js", `import"./chunk-${middle}.js";import("./run-${leaf}.js")`],
    [`chunk-${middle}.js`, `import"./chunk-${leaf}.js";"-AAAAAAAA.css"`],
    [`chunk-${leaf}.js`, "let x=1"],
    [`run-${leaf}.js`, `let y=1`],
  ]);
}

Deno.test("stableNames() gives the same files when the bundler's names differ", () => {
  const one = stableNames(bundle("AAAAAAAA", "ZZZZZZZZ"));
  assert.deepEqual(one, stableNames(bundle("ZZZZZZZZ", "AAAAAAAA")));
  assert.equal(one.size, 4);
});

Deno.test("stableNames() tells pieces apart that differ only in what they import", () => {
  const files = (a: string, b: string) =>
    new Map([
      [`x-${a}.js`, `import"./y-${a}.js"`],
      [`x-${b}.js`, `import"./y-${b}.js"`],
      [`y-${a}.js`, "1"],
      [`y-${b}.js`, "2"],
    ]);
  const sorted = (map: ReadonlyMap<string, string>) => [...map].sort();
  assert.deepEqual(
    sorted(stableNames(files("AAAAAAAA", "BBBBBBBB"))),
    sorted(stableNames(files("BBBBBBBB", "AAAAAAAA"))),
  );
});

Deno.test("stableNames() renames every import with its piece, and leaves other text alone", () => {
  const files = stableNames(bundle("AAAAAAAA", "ZZZZZZZZ"));
  const text = [...files.values()].join("\n");
  for (const [, name = ""] of text.matchAll(/"\.\/([^"]+)"/g)) {
    assert(files.has(name), name);
  }
  assert(text.includes('"-AAAAAAAA.css"'));
});

Deno.test("stableNames() follows pieces that import each other", () => {
  const files = stableNames(
    new Map([
      ["a-AAAAAAAA.js", 'import"./b-BBBBBBBB.js"'],
      ["b-BBBBBBBB.js", 'import"./a-AAAAAAAA.js"'],
    ]),
  );
  const [a = "", b = ""] = files.keys();
  assert.equal(files.get(a), `import"./${b}"`);
  assert.equal(files.get(b), `import"./${a}"`);
});

Deno.test("stableNames() throws when two pieces are the same", () => {
  const twins = new Map([["x-AAAAAAAA.js", ""], ["x-BBBBBBBB.js", ""]]);
  assert.throws(() => stableNames(twins), RangeError);
});
