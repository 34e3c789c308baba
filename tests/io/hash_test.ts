import assert from "node:assert/strict";
import { createHasher, hashBytes } from "../../src/io/hash.ts";

const HELLO = new TextEncoder().encode("hello");
const SHA256 =
  "sha256:2cf24dba5fb0a30e26e83b2ac5b9e29e1b161e5c1fa7425e73043362938b9824";
const SHA512 =
  "sha512:9b71d224bd62f3785d96d46ad3ea3d73319bfbc2890caadae2dff72519673ca72323c3d99ba5c11d7c7acc6e14b8c5da0c4663475c2e5c3adef46f73bcdec043";

Deno.test("hashBytes() knows both algorithms", () => {
  assert.equal(hashBytes("sha256", HELLO), SHA256);
  assert.equal(hashBytes("sha512", HELLO), SHA512);
});

Deno.test("createHasher() takes bytes in pieces, in a buffer that is used again", () => {
  const hasher = createHasher("sha256");
  const buffer = new Uint8Array(1);
  for (const byte of HELLO) {
    buffer[0] = byte;
    hasher.update(buffer);
  }
  assert.equal(hasher.digest(), SHA256);
});
