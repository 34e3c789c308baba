import assert from "node:assert/strict";
import { parseAuthConfig } from "../../src/registry/auth_config.ts";
import { authConfigSource } from "../../src/registry/auth_config_source.ts";
import { HelperError, type RunHelper } from "../../src/registry/run_helper.ts";
import { fakeHelper, helperJson } from "./fake_helper.ts";

const open = (config: unknown, runHelper: RunHelper) => {
  const warnings: string[] = [];
  const source = authConfigSource(
    parseAuthConfig(JSON.stringify(config), "F"),
    {
      runHelper,
      onWarning: (message) => warnings.push(message),
    },
  );
  return { source, warnings };
};
const entry = (user: string, password: string) => ({
  auth: btoa(`${user}:${password}`),
});

Deno.test("authConfigSource() asks the registry's own helper, not the one for all", async () => {
  const helper = fakeHelper((call) => helperJson(call.input, "me", "s3cret"));
  const config = { credHelpers: { "gcr.io": "gcloud" }, credsStore: "desktop" };
  const { source, warnings } = open(config, helper);
  assert.deepEqual(await source.find("gcr.io", "a/b"), {
    kind: "basic",
    username: "me",
    password: "s3cret",
    origin: 'F (credHelpers."gcr.io"), docker-credential-gcloud',
  });
  await source.find("quay.io", "a/b");
  assert.deepEqual(
    helper.calls.map(({ program, action, input }) => [program, action, input]),
    [
      ["docker-credential-gcloud", "get", "gcr.io"],
      ["docker-credential-desktop", "get", "quay.io"],
    ],
  );
  assert.deepEqual(warnings, []);
});

Deno.test("authConfigSource() asks helpers for Docker Hub by docker's own name of it", async () => {
  const helper = fakeHelper((call) =>
    helperJson(call.input, "<token>", "refresh")
  );
  const { source } = open({ credsStore: "desktop" }, helper);
  const found = await source.find("docker.io", "library/alpine");
  assert.equal(found?.kind, "identity-token");
  assert.deepEqual(helper.calls.map(({ input }) => input), [
    "https://index.docker.io/v1/",
  ]);
});

Deno.test("authConfigSource() starts a helper once for all repositories of a registry", async () => {
  const helper = fakeHelper((call) => helperJson(call.input, "me", "x"));
  const { source } = open({ credsStore: "desktop" }, helper);
  await Promise.all(
    ["a/b", "a/c"].map((repository) => source.find("quay.io", repository)),
  );
  await source.find("quay.io", "a/d");
  assert.equal(helper.calls.length, 1);
});

Deno.test("authConfigSource() takes the file's entry where the helper has none", async () => {
  const helper = fakeHelper(() => ({
    success: false,
    stdout: "credentials not found in native keychain\n",
  }));
  const { source, warnings } = open({
    credsStore: "desktop",
    auths: { "quay.io": entry("me", "x") },
  }, helper);
  assert.equal((await source.find("quay.io", "a"))?.kind, "basic");
  assert.equal(await source.find("other.io", "a"), undefined);
  assert.deepEqual(warnings, []);
});

const BAD_ANSWERS: Readonly<Record<string, RunHelper>> = {
  "is missing": () => Promise.reject(new HelperError("is not installed")),
  "prints rubbish": () => Promise.resolve({ success: true, stdout: "<html>" }),
  "prints JSON that is no object": () =>
    Promise.resolve({ success: true, stdout: "7" }),
  "prints fields of other types": () =>
    Promise.resolve({ success: true, stdout: '{"Username":1,"Secret":{}}' }),
  "fails": () =>
    Promise.resolve({ success: false, stdout: "\x1b[31mno session\nmore" }),
  "complains": () =>
    Promise.resolve({ success: false, stdout: "", stderr: "\x1b[31mno bus" }),
  "answers for another server (CVE-2021-41092)": () =>
    Promise.resolve({
      success: true,
      stdout: helperJson("other.io", "me", "hunter2"),
    }),
};

for (const [what, runHelper] of Object.entries(BAD_ANSWERS)) {
  Deno.test(`authConfigSource() warns once and goes on when a helper ${what}`, async () => {
    const { source, warnings } = open({
      credsStore: "desktop",
      auths: { "other.io": entry("them", "hunter3") },
    }, runHelper);
    assert.equal(await source.find("quay.io", "a/b"), undefined);
    assert.equal(await source.find("quay.io", "a/c"), undefined);
    assert.equal(warnings.length, 1);
    assert.match(
      warnings[0] ?? "",
      /"docker-credential-desktop" .* F \(credsStore\)/,
    );
    // deno-lint-ignore no-control-regex
    assert.doesNotMatch(warnings[0] ?? "", /hunter|\x1b/);
  });
}

Deno.test("authConfigSource() passes on what is no helper's fault", async () => {
  const { source } = open(
    { credsStore: "x" },
    () => Promise.reject(new TypeError("a bug")),
  );
  await assert.rejects(source.find("quay.io", "a"), /a bug/);
});
