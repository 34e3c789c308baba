import assert from "node:assert/strict";
import { AuthError } from "../../src/errors.ts";
import { parseRealm } from "../../src/registry/realm.ts";

const ALLOWED: readonly (readonly [registry: string, realm: string])[] = [
  ["https://registry-1.docker.io/v2/", "https://auth.docker.io/token"],
  ["https://registry.corp/v2/", "https://registry.corp:8443/token"],
  ["https://10.0.0.5/v2/", "https://10.0.0.6/token"],
  ["https://10.0.0.5/v2/", "https://auth.example.com/token"],
  ["http://127.0.0.1:5000/v2/", "http://127.0.0.1:5001/token"],
  ["http://localhost:5000/v2/", "http://[::1]:5001/token"],
  ["http://registry.corp/v2/", "http://registry.corp/token"],
  ["https://169.254.1.1/v2/", "https://169.254.1.1/token"],
];

const REFUSED:
  readonly (readonly [registry: string, realm: string, why: RegExp])[] = [
    [
      "https://registry.example/v2/",
      "http://auth.example/token",
      /without TLS/,
    ],
    [
      "https://127.0.0.1:5000/v2/",
      "http://127.0.0.1:5001/token",
      /without TLS/,
    ],
    [
      "https://registry.example/v2/",
      "https://169.254.169.254/",
      /internal network/,
    ],
    ["https://10.0.0.5/v2/", "https://169.254.169.254/", /internal network/],
    ["https://registry.example/v2/", "https://[::1]:8443/", /internal network/],
    [
      "https://registry.example/v2/",
      "https://[::ffff:10.0.0.1]/",
      /internal network/,
    ],
    ["https://registry.example/v2/", "https://localhost/", /internal network/],
    ["https://registry.example/v2/", "https://2130706433/", /internal network/],
    [
      "https://registry.example/v2/",
      "https://10.1.2.3/token",
      /internal network/,
    ],
    ["https://10.0.0.5/v2/", "https://127.0.0.1/token", /internal network/],
    ["https://8.8.8.8/v2/", "https://192.168.1.1/token", /internal network/],
    ["https://registry.example/v2/", "file:///etc/passwd", /neither an https/],
    ["https://registry.example/v2/", "data:,x", /neither an https/],
    [
      "https://registry.example/v2/",
      "https://me:secret@auth.example/",
      /has a user/,
    ],
    ["http://127.0.0.1:5000/v2/", "http://192.0.2.2/tok", /without TLS/],
    ["http://localhost:5000/v2/", "http://auth.example/tok", /without TLS/],
    ["https://registry.example/v2/", "/token", /no URL/],
    ["https://registry.example/v2/", "", /no URL/],
  ];

for (const [registry, realm] of ALLOWED) {
  Deno.test(`parseRealm() lets ${registry} name ${realm}`, () => {
    assert.equal(
      parseRealm(realm, new URL(registry)).href,
      new URL(realm).href,
    );
  });
}

for (const [registry, realm, why] of REFUSED) {
  Deno.test(`parseRealm() refuses "${realm}" of ${registry}`, () => {
    assert.throws(() => parseRealm(realm, new URL(registry)), (error) => {
      assert.ok(error instanceof AuthError);
      assert.equal(error.code, "denied");
      assert.match(error.message, why);
      assert.doesNotMatch(error.message, /secret/);
      return true;
    });
  });
}

Deno.test("parseRealm() lets a realm inside a network pass where the caller allows it", () => {
  const registry = new URL("https://registry.corp/v2/");
  const options = { allowPrivateRealms: true };
  assert.equal(
    parseRealm("https://10.1.2.3/t", registry, options).host,
    "10.1.2.3",
  );
  assert.throws(
    () => parseRealm("http://10.1.2.3/t", registry, options),
    AuthError,
  );
});
