import assert from "node:assert/strict";
import { UsageError } from "../../src/errors.ts";
import { parseRegistry } from "../../src/spec/registry_name.ts";

const VALID: readonly (readonly [text: string, canonical: string])[] = [
  ["ghcr.io", "ghcr.io"],
  ["GHCR.IO:443", "ghcr.io:443"],
  ["index.docker.io", "docker.io"],
  ["localhost:5000", "localhost:5000"],
  ["[::1]:5000", "[::1]:5000"],
  ["registry", "registry"],
];

for (const [text, canonical] of VALID) {
  Deno.test(`parseRegistry() reads ${text}`, () => {
    assert.equal(parseRegistry(text), canonical);
  });
}

const INVALID: readonly (readonly [text: string, problem: RegExp])[] = [
  ["", /it has no host/],
  ["https://ghcr.io", /port "\/\/ghcr\.io", no number/],
  ["ghcr.io/a", /the label "io\/a"/],
  ["ghcr.io:99999", /not within 1 to 65535/],
  ["a b", /the label "a b"/],
  ["a\x1b[31m", /stray bracket/],
  ["user:pass@ghcr.io", /port "pass@ghcr\.io", no number/],
];

for (const [text, problem] of INVALID) {
  Deno.test(`parseRegistry() points at the wrong part of ${JSON.stringify(text)}`, () => {
    assert.throws(() => parseRegistry(text), (error) => {
      assert(error instanceof UsageError);
      assert.equal(error.code, "reference-invalid");
      assert.match(error.message, problem);
      return true;
    });
  });
}
