import assert from "node:assert/strict";
import fc from "fast-check";
import { findJsonFault } from "../../src/spec/scan_json.ts";

const DUPLICATES:
  readonly (readonly [name: string, text: string, key: string])[] = [
    ["plain", '{"a":1,"a":2}', "a"],
    ["of equal values", '{"a":1,"a":1}', "a"],
    ["far apart", '{"a":{"b":[1,{"c":2}]},"d":"}","a":2}', "a"],
    ["nested", '[{"x":{"a":1,"b":2,"a":3}}]', "a"],
    ["written with an escape", '{"layers":1,"l\\u0061yers":2}', "layers"],
    ["written with escapes twice", '{"\\u0061":1,"\\u0061":2}', "a"],
    ["with a quotation mark", '{"a\\"":1,"\\u0061\\u0022":2}', 'a"'],
    ["with short escapes", '{"\\n\\t\\/":1,"\\u000a\\u0009/":2}', "\n\t/"],
    ["empty", '{"":1,"":2}', ""],
    ["after a list", '{"a":[1,"a",{}],"a":1}', "a"],
    ["with space", '{ "a" : 1 ,\n "a" : 2 }', "a"],
    ["named __proto__", '{"__proto__":1,"__proto__":2}', "__proto__"],
  ];

for (const [name, text, duplicateKey] of DUPLICATES) {
  Deno.test(`findJsonFault() finds a duplicate key ${name}`, () => {
    assert.deepEqual(findJsonFault(text), { duplicateKey });
  });
}

const UNIQUE: readonly string[] = [
  '{"a":"a","b":"a"}',
  '{"a":{"a":{"a":1}}}',
  '[{"a":1},{"a":1}]',
  '["a","a"]',
  '{"a":["b","b"],"b":1}',
  '{"a":"\\"","b":"{\\"a\\":1}"}',
  '{"a\\\\":1,"a":2}',
  '{"A":1,"a":2}',
  '"a"',
  "null",
  "",
];

for (const text of UNIQUE) {
  Deno.test(`findJsonFault() finds nothing in ${text || "empty text"}`, () => {
    assert.equal(findJsonFault(text), undefined);
  });
}

Deno.test("findJsonFault() refuses nesting beyond the limit, and not at it", () => {
  const nest = (depth: number) => "[".repeat(depth) + "]".repeat(depth);
  assert.equal(findJsonFault(nest(64)), undefined);
  assert.deepEqual(findJsonFault(nest(65)), { depth: 64 });
  assert.deepEqual(findJsonFault('{"a":'.repeat(4)), undefined);
  assert.deepEqual(findJsonFault('{"a":'.repeat(4), { maxDepth: 3 }), {
    depth: 3,
  });
  assert.equal(findJsonFault("[]".repeat(1000)), undefined);
});

Deno.test("findJsonFault() doesn't mind a million nested lists", () => {
  assert.deepEqual(findJsonFault("[".repeat(1_000_000)), { depth: 64 });
});

Deno.test("findJsonFault() finds nothing in what JSON.stringify wrote", () => {
  fc.assert(
    fc.property(
      fc.jsonValue({ maxDepth: 5 }),
      fc.boolean(),
      (value, pretty) => {
        const text = JSON.stringify(value, null, pretty ? 2 : undefined);
        assert.equal(findJsonFault(text), undefined);
      },
    ),
  );
});

Deno.test("findJsonFault() finds a key that is put in twice, however it is written", () => {
  const key = fc.string({ unit: "binary", maxLength: 6 });
  const objects = fc.dictionary(key, fc.jsonValue({ maxDepth: 2 }), {
    minKeys: 1,
  });
  fc.assert(
    fc.property(objects, fc.nat(), fc.boolean(), (object, at, escaped) => {
      const keys = Object.keys(object);
      const key = keys[at % keys.length] ?? "";
      const again = escaped ? escapeAll(key) : JSON.stringify(key);
      const text = `${JSON.stringify(object).slice(0, -1)},${again}:0}`;
      assert.deepEqual(findJsonFault(`[${text}]`), { duplicateKey: key });
    }),
  );
});

Deno.test("findJsonFault() throws nothing when text is no JSON", () => {
  const unit = fc.constantFrom(...'{}[]",:\\u0a1 ');
  fc.assert(
    fc.property(fc.string({ unit, maxLength: 40 }), (text) => {
      findJsonFault(text);
    }),
    { numRuns: 2000 },
  );
});

/** Text of a size that grows with `n`, each a worst case of its own. */
const SHAPES:
  readonly (readonly [name: string, make: (n: number) => string])[] = [
    ["long strings", (n) => `"${"x".repeat(n)}"`],
    ["escapes", (n) => `["${'\\"'.repeat(n / 2)}"]`],
    ["strings that never end", (n) => '"\\'.repeat(n / 2)],
    ["empty lists", (n) => "[],".repeat(n / 3)],
    ["keys that never end", (n) => `{"a":1,"${"\\u".repeat(n / 2)}`],
    [
      "escaped keys",
      (n) =>
        `{${
          Array.from({ length: n / 16 }, (_, i) => `"\\u0061${i}":1`).join(",")
        }}`,
    ],
  ];

for (const [name, make] of SHAPES) {
  Deno.test(`findJsonFault() takes linear time over ${name}`, () => {
    const [small, large] = [make(40_000), make(40_000 * 32)];
    findJsonFault(large);
    // 32 times the text: 32 times the time if linear, 1024 if quadratic.
    const ratio = bestTime(large) / Math.max(bestTime(small), 0.02);
    assert(
      ratio < 400,
      `${ratio.toFixed(0)} times the time for 32 times the text`,
    );
  });
}

/** The best of several runs, in ms: what the work takes when nobody disturbs. */
function bestTime(text: string): number {
  let best = Infinity;
  for (let i = 0; i < 5; i++) {
    const start = performance.now();
    findJsonFault(text);
    best = Math.min(best, performance.now() - start);
  }
  return best;
}

/** A JSON string with every UTF-16 unit escaped. */
function escapeAll(text: string): string {
  const units = Array.from(
    { length: text.length },
    (_, i) => `\\u${text.charCodeAt(i).toString(16).padStart(4, "0")}`,
  );
  return `"${units.join("")}"`;
}
