import assert from "node:assert/strict";
import fc from "fast-check";
import { UsageError } from "../../src/errors.ts";
import {
  digestAlgorithm,
  digestHex,
  findDigest,
  findDigestFault,
  parseDigest,
  shortDigest,
} from "../../src/spec/digest.ts";
import { digests, HEX_128, HEX_64 } from "./arbitraries.ts";

const MALFORMED: readonly (readonly [text: string, problem: RegExp])[] = [
  ["", /there is no ":"/],
  ["sha256", /there is no ":"/],
  [":" + HEX_64, /the algorithm is missing/],
  ["sha256:", /the hash has 0 characters where sha256 has 64/],
  ["sha256:" + HEX_64 + "0", /the hash has 65 characters/],
  ["sha256:" + HEX_64.slice(1), /the hash has 63 characters/],
  ["sha512:" + HEX_64, /the hash has 64 characters where sha512 has 128/],
  ["sha256:" + HEX_128, /the hash has 128 characters where sha256 has 64/],
  ["sha256:A" + HEX_64.slice(1), /an upper-case letter at position 1/],
  ["sha256:00g" + HEX_64.slice(3), /has "g" at position 3/],
  ["sha256:0\n" + HEX_64.slice(2), /has "\\x0a" at position 2/],
  ["SHA256:" + HEX_64, /algorithm "SHA256" is not lower case/],
  [" sha256:" + HEX_64, /" sha256" is no algorithm/],
  ["sha256 :" + HEX_64, /"sha256 " is no algorithm/],
  ["__proto__:" + HEX_64, /"__proto__" is no algorithm/],
];

for (const [text, problem] of MALFORMED) {
  Deno.test(`parseDigest() names the wrong part of ${JSON.stringify(text)}`, () => {
    assert.throws(() => parseDigest(text), (error) => {
      assert(error instanceof UsageError);
      assert.equal(error.code, "digest-invalid");
      assert.match(error.message, /^Cannot parse digest "/);
      assert.match(error.message, problem);
      return true;
    });
    assert.equal(findDigestFault(text)?.kind, "malformed");
    assert.equal(findDigest(text), undefined);
  });
}

for (
  const algorithm of [
    "md5",
    "sha1",
    "sha384",
    "blake3",
    "sha256+b64",
    "toString"
      .toLowerCase(),
  ]
) {
  Deno.test(`findDigestFault() tells ${algorithm} from a malformed digest`, () => {
    const fault = findDigestFault(`${algorithm}:${HEX_64}`);
    assert.equal(fault?.kind, "unsupported");
    assert.match(fault.problem, /is not one of sha256, sha512/);
  });
}

Deno.test("findDigest() finds none when the value is no text", () => {
  for (
    const value of [null, undefined, 12, [], {}, ["sha256:" + HEX_64], true]
  ) {
    assert.equal(findDigest(value), undefined);
  }
});

Deno.test("parseDigest() yields the text and its parts when it is valid", () => {
  fc.assert(fc.property(digests, (text) => {
    const digest = parseDigest(text);
    assert.equal(digest, text);
    assert.equal(`${digestAlgorithm(digest)}:${digestHex(digest)}`, text);
    assert.equal(shortDigest(digest), digestHex(digest).slice(0, 12));
    assert.equal(shortDigest(digest).length, 12);
  }));
});

Deno.test("parseDigest() throws nothing but UsageError when text is arbitrary", () => {
  const near = fc.tuple(digests, fc.nat(140), fc.string({ unit: "binary" }))
    .map(([digest, at, junk]) => digest.slice(0, at) + junk + digest.slice(at));
  const text = fc.oneof(fc.string({ unit: "binary" }), near);
  fc.assert(fc.property(text, (text) => {
    try {
      assert.equal(parseDigest(text), text);
    } catch (error) {
      assert(error instanceof UsageError, String(error));
      assert.doesNotMatch(error.message, /\p{Cc}/u);
    }
  }));
});

Deno.test("parseDigest() quotes an excerpt when text has megabytes", () => {
  assert.throws(
    () => parseDigest("sha256:" + "a".repeat(10_000_000)),
    (error) => {
      assert(error instanceof UsageError);
      assert(error.message.length < 1000);
      assert.match(error.message, /the hash has 10000000 characters/);
      return true;
    },
  );
});
