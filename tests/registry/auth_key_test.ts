import assert from "node:assert/strict";
import { findKeyTarget, matchKeys } from "../../src/registry/auth_key.ts";

const TARGETS: readonly (readonly [string, string | undefined])[] = [
  ["quay.io", "quay.io"],
  ["QUAY.io", "quay.io"],
  ["https://quay.io", "quay.io"],
  ["https://quay.io/", "quay.io"],
  ["http://quay.io/v1/", "quay.io"],
  ["https://quay.io/v2", "quay.io"],
  ["https://index.docker.io/v1/", "docker.io"],
  ["index.docker.io/v1/", "docker.io"],
  ["registry-1.docker.io", "docker.io"],
  ["docker.io", "docker.io"],
  ["https://index.docker.io/v1/access-token", undefined],
  ["https://index.docker.io/v1/refresh-token", undefined],
  ["localhost:5000", "localhost:5000"],
  ["[::1]:5000", "[::1]:5000"],
  ["quay.io/team/app", "quay.io/team/app"],
  ["quay.io/team/", "quay.io/team"],
  ["docker.io/library", "docker.io/library"],
  ["quay.io/v1", "quay.io/v1"],
  ["", undefined],
  ["quay.io/a?b", undefined],
  ["https://user@quay.io", undefined],
  ["https://quay.io/v1/?x", undefined],
];

for (const [key, target] of TARGETS) {
  Deno.test(`findKeyTarget() reads "${key}"`, () => {
    assert.equal(findKeyTarget(key), target);
  });
}

Deno.test("matchKeys() gives the longest path first", () => {
  const keys = [
    "quay.io",
    "quay.io/team/app",
    "quay.io/team",
    "quay.io/te",
    "other.io",
  ];
  assert.deepEqual(matchKeys(keys, "quay.io", "team/app"), [
    "quay.io/team/app",
    "quay.io/team",
    "quay.io",
  ]);
  assert.deepEqual(matchKeys(keys, "quay.io", ""), ["quay.io"]);
  assert.deepEqual(matchKeys(keys, "quay.io", "te"), ["quay.io/te", "quay.io"]);
});

Deno.test("matchKeys() never gives a key of another host", () => {
  const keys = [
    "quay.io.evil.example",
    "evil.example/quay.io",
    "quay.io:443",
    "uay.io",
    "https://evil.example/quay.io",
    "https://quay.io@evil.example/",
  ];
  assert.deepEqual(matchKeys(keys, "quay.io", "a/b"), []);
});

Deno.test("matchKeys() knows Docker Hub by all of its names", () => {
  const keys = [
    "https://index.docker.io/v1/access-token",
    "https://index.docker.io/v1/",
  ];
  for (const name of ["docker.io", "index.docker.io", "registry-1.docker.io"]) {
    assert.deepEqual(matchKeys(keys, name, "library/alpine"), [
      "https://index.docker.io/v1/",
    ]);
  }
});
