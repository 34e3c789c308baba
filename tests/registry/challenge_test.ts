import assert from "node:assert/strict";
import fc from "fast-check";
import { parseChallenges } from "../../src/registry/challenge.ts";

const plain = (field: string | null) =>
  parseChallenges(field).map(({ scheme, parameters, token68 }) => [
    scheme,
    Object.fromEntries(parameters),
    ...token68 === undefined ? [] : [token68],
  ]);

const CASES: readonly (readonly [string | null, readonly unknown[]])[] = [
  [null, []],
  ["", []],
  [" , ,", []],
  ["Bearer", [["bearer", {}]]],
  ['Basic realm="x"', [["basic", { realm: "x" }]]],
  ["BASIC Realm=x", [["basic", { realm: "x" }]]],
  [
    'Bearer realm="https://auth.docker.io/token",service="registry.docker.io",scope="repository:a/b:pull,push"',
    [["bearer", {
      realm: "https://auth.docker.io/token",
      service: "registry.docker.io",
      scope: "repository:a/b:pull,push",
    }]],
  ],
  [
    'Basic realm="one", Bearer realm="two" , service = three',
    [["basic", { realm: "one" }], ["bearer", {
      realm: "two",
      service: "three",
    }]],
  ],
  ['Bearer realm="a \\"b\\" \\\\ c"', [["bearer", { realm: 'a "b" \\ c' }]]],
  ['Bearer realm="a, Basic realm=b"', [["bearer", {
    realm: "a, Basic realm=b",
  }]]],
  ["Negotiate abc==, Basic realm=x", [["negotiate", {}, "abc=="], ["basic", {
    realm: "x",
  }]]],
  ["Negotiate, Bearer realm=x", [["negotiate", {}], ["bearer", {
    realm: "x",
  }]]],
  ["Bearer realm=x, realm=y", [["bearer", { realm: "x" }]]],
  ['Bearer realm="never closed', [["bearer", { realm: "never closed" }]]],
  ['Bearer realm="x";junk, service=y', [["bearer", {
    realm: "x",
    service: "y",
  }]]],
  ['"quoted", Basic realm=x', [["basic", { realm: "x" }]]],
  ["(odd), Basic realm=x", [["basic", { realm: "x" }]]],
  ['Bearer realm=""', [["bearer", { realm: "" }]]],
];

for (const [field, expected] of CASES) {
  Deno.test(`parseChallenges() reads ${JSON.stringify(field)}`, () => {
    assert.deepEqual(plain(field), expected);
  });
}

Deno.test("parseChallenges() never throws, whatever the field is", () => {
  const piece = fc.oneof(
    fc.string(),
    fc.constantFrom(
      "Bearer ",
      "Basic",
      "realm",
      "=",
      '"',
      "\\",
      ",",
      " ",
      "==",
    ),
  );
  fc.assert(fc.property(fc.array(piece), (pieces) => {
    for (const { scheme } of parseChallenges(pieces.join(""))) {
      assert.match(scheme, /^[^\s,="]+$/);
    }
  }));
});

Deno.test("parseChallenges() reads back what is written as the RFC says", () => {
  const token = fc.stringMatching(/^[A-Za-z][A-Za-z0-9-]{0,8}$/);
  const parameters = fc.uniqueArray(fc.tuple(token, fc.string()), {
    minLength: 1,
    selector: ([name]) => name.toLowerCase(),
  });
  fc.assert(
    fc.property(
      fc.array(fc.tuple(token, parameters), { maxLength: 4 }),
      (challenges) => {
        const field = challenges.map(([scheme, pairs]) =>
          `${scheme} ` +
          pairs.map(([name, value]) =>
            `${name}="${value.replace(/["\\]/g, "\\$&")}"`
          )
            .join(", ")
        ).join(", ");
        assert.deepEqual(
          parseChallenges(field).map((
            { scheme, parameters },
          ) => [scheme, [...parameters]]),
          challenges.map(([scheme, pairs]) => [
            scheme.toLowerCase(),
            pairs.map(([name, value]) => [name.toLowerCase(), value]),
          ]),
        );
      },
    ),
  );
});

Deno.test("parseChallenges() takes linear time for fields made to be slow", () => {
  for (
    const unit of [
      "a",
      ",",
      " ",
      "a ",
      "a=",
      '"',
      '\\"',
      "a a",
      "=,",
      "Bearer a=b,",
    ]
  ) {
    const field = unit.repeat(1_000_000 / unit.length);
    const start = performance.now();
    parseChallenges(field);
    const elapsedMs = performance.now() - start;
    assert.ok(elapsedMs < 500, `${JSON.stringify(unit)} took ${elapsedMs} ms`);
  }
});
