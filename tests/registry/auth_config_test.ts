import assert from "node:assert/strict";
import { UsageError } from "../../src/errors.ts";
import { parseAuthConfig } from "../../src/registry/auth_config.ts";

const parseEntry = (entry: unknown) =>
  parseAuthConfig(JSON.stringify({ auths: { "a.io": entry } }), "F").auths.get(
    "a.io",
  );
const origin = 'F (auths."a.io")';

Deno.test("parseAuthConfig() reads every form of an entry", () => {
  const basic = { kind: "basic", username: "me", password: "a:b", origin };
  assert.deepEqual(parseEntry({ auth: btoa("me:a:b") }), basic);
  assert.deepEqual(parseEntry({ auth: btoa("me:a:b\0\0") }), basic);
  assert.deepEqual(parseEntry({ username: "me", password: "a:b" }), basic);
  assert.deepEqual(parseEntry({ registrytoken: "t", auth: btoa("me:x") }), {
    kind: "bearer",
    token: "t",
    origin,
  });
  assert.deepEqual(parseEntry({ identitytoken: "t" }), {
    kind: "identity-token",
    token: "t",
    origin,
  });
  assert.deepEqual(parseEntry({ identitytoken: "t", auth: btoa("0000:") }), {
    kind: "identity-token",
    token: "t",
    username: "0000",
    origin,
  });
  assert.equal(parseEntry({}), undefined);
  assert.equal(parseEntry({ auth: "", email: "x" }), undefined);
});

Deno.test("parseAuthConfig() reads passwords beyond ASCII", () => {
  const auth = new TextEncoder().encode("me:pässwörd").toBase64();
  const entry = parseEntry({ auth });
  assert.equal(entry?.kind === "basic" && entry.password, "pässwörd");
});

Deno.test("parseAuthConfig() reads helpers, and files without any", () => {
  const config = parseAuthConfig(
    JSON.stringify({
      credHelpers: { "gcr.io": "gcloud" },
      credsStore: "desktop",
    }),
    "F",
  );
  assert.deepEqual([...config.credHelpers], [["gcr.io", "gcloud"]]);
  assert.equal(config.credsStore, "desktop");
  for (
    const empty of [
      "",
      "  \n",
      "{}",
      '{"auths":null,"credsStore":""}',
      "\uFEFF{}",
    ]
  ) {
    const { auths, credsStore } = parseAuthConfig(empty, "F");
    assert.deepEqual([auths.size, credsStore], [0, undefined]);
  }
});

const BROKEN: readonly (readonly [text: string, message: RegExp])[] = [
  ['{\n  "auths": {\n    "a.io": tru\n  }\n}', /"F", line 3: it is no JSON$/],
  ['{\n"auths": {}\n', /"F", line 3: it is no JSON$/],
  ['{\n"auths": {},\n}', /"F", line 3: it is no JSON$/],
  ["hello", /"F", line 1: it is no JSON$/],
  ["[]", /"F", line 1: it is no JSON object$/],
  ['{\n"auths": []}', /line 2: auths is no object$/],
  ['{"auths": {\n"a.io": 1}}', /line 2: auths\."a\.io" is no object$/],
  [
    '{"auths": {\n\n"a.io": {"auth": "%%%"}}}',
    /line 3: auths\."a\.io"\.auth is not base64/,
  ],
  [
    '{"auths": {"a.io": {"auth": "bWU="}}}',
    /line 1: auths\."a\.io"\.auth holds no colon/,
  ],
  [
    '{"auths": {"a.io": {"identitytoken": 7}}}',
    /auths\."a\.io"\.identitytoken is no text/,
  ],
  [
    '{"credsStore": "../evil"}',
    /line 1: credsStore names no credential helper/,
  ],
  ['{"credsStore": "a;b"}', /credsStore names no credential helper/],
  [
    '{\n"credHelpers": {"x.io": "/bin/sh"}}',
    /line 2: credHelpers\."x\.io" names no/,
  ],
  ['{"credHelpers": {"x.io": null}}', /credHelpers\."x\.io" names no/],
];

for (const [text, message] of BROKEN) {
  Deno.test(`parseAuthConfig() says where ${JSON.stringify(text)} is broken`, () => {
    assert.throws(() => parseAuthConfig(text, "F"), (error) => {
      assert.ok(error instanceof UsageError);
      assert.equal(error.code, "config-invalid");
      assert.match(error.message, message);
      return true;
    });
  });
}

Deno.test("parseAuthConfig() shows nothing of a broken file's content", () => {
  for (
    const text of [
      '{"auths":{"a.io":{"auth":"c2VjcmV0"x}}}',
      '{"auth": hunter2secret}',
    ]
  ) {
    assert.throws(() => parseAuthConfig(text, "F"), (error) => {
      assert.ok(error instanceof UsageError);
      assert.doesNotMatch(Deno.inspect(error), /c2VjcmV0|hunter2/);
      return true;
    });
  }
});
