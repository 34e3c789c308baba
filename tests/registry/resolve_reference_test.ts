import assert from "node:assert/strict";
import {
  AuthError,
  NotFoundError,
  UnavailableError,
  UsageError,
} from "../../src/errors.ts";
import { startFakeRegistry } from "../testing/fake_registry.ts";
import {
  answerStatus,
  claimLength,
  MANIFESTS,
  rateLimit,
  setHeaders,
} from "../testing/faults.ts";
import { buildImage, buildMultiPlatform } from "../testing/image_builder.ts";
import { openClient } from "./open_client.ts";

const IMAGE = buildImage();
const { descriptor: ROOT } = IMAGE.root;
const methods = (requests: readonly { readonly method: string }[]) =>
  requests.map(({ method }) => method);

Deno.test("RegistryClient.resolve() needs a HEAD where it says everything", async () => {
  await using registry = startFakeRegistry();
  const reference = registry.push("team/app", "1", IMAGE);
  using open = openClient([registry.host]);
  assert.deepEqual(await open.client.resolve(reference), {
    mediaType: ROOT.mediaType,
    digest: ROOT.digest,
    size: ROOT.size,
  });
  assert.deepEqual(methods(registry.requests), ["HEAD"]);
  const accept = registry.requests[0]?.headers.get("accept") ?? "";
  assert.match(
    accept,
    /oci\.image\.index.*oci\.image\.manifest.*manifest\.list.*manifest\.v2/,
  );
});

Deno.test("RegistryClient.resolve() asks by digest only, tag or not", async () => {
  await using registry = startFakeRegistry();
  const reference = registry.push("team/app", "1", IMAGE);
  using open = openClient([registry.host]);
  await open.client.resolve(`${reference}@${ROOT.digest}`);
  assert.deepEqual(registry.requests.map(({ path }) => path), [
    `/v2/team/app/manifests/${ROOT.digest}`,
  ]);
});

Deno.test("RegistryClient.resolve() finds an index", async () => {
  await using registry = startFakeRegistry();
  const index = buildMultiPlatform([
    { os: "linux", architecture: "amd64" },
    { os: "linux", architecture: "arm64" },
  ]);
  const reference = registry.push("team/app", "1", index);
  using open = openClient([registry.host]);
  assert.equal(
    (await open.client.resolve(reference)).mediaType,
    index.root.descriptor.mediaType,
  );
});

const INCOMPLETE = {
  "no digest": setHeaders({ "Docker-Content-Digest": undefined }),
  "a malformed digest": setHeaders({
    "Docker-Content-Digest": "sha256:../../x",
  }),
  "an unknown algorithm": setHeaders({
    "Docker-Content-Digest": `md5:${"0".repeat(32)}`,
  }),
  "another type": setHeaders({ "Content-Type": "application/json" }),
  "no type": setHeaders({ "Content-Type": undefined }),
  "length 0": claimLength(0),
  "status 405": answerStatus(405),
  "status 404": answerStatus(404),
  "status 400": answerStatus(400),
};

for (const [what, fault] of Object.entries(INCOMPLETE)) {
  Deno.test(`RegistryClient.resolve() asks by GET where HEAD gives ${what}`, async () => {
    await using registry = startFakeRegistry({
      faults: [{ match: /^HEAD/, fault }],
    });
    const reference = registry.push("team/app", "1", IMAGE);
    using open = openClient([registry.host]);
    assert.equal((await open.client.resolve(reference)).digest, ROOT.digest);
    assert.deepEqual(methods(registry.requests), ["HEAD", "GET"]);
  });
}

Deno.test("RegistryClient.resolve() believes no HEAD that names another digest than the pinned one", async () => {
  const other = `sha256:${"0".repeat(64)}`;
  await using registry = startFakeRegistry({
    faults: [{
      match: /^HEAD/,
      fault: setHeaders({ "Docker-Content-Digest": other }),
    }],
  });
  registry.push("team/app", "1", IMAGE);
  using open = openClient([registry.host]);
  const { digest } = await open.client.resolve(
    `${registry.host}/team/app@${ROOT.digest}`,
  );
  assert.equal(digest, ROOT.digest);
});

Deno.test("RegistryClient.resolve() gives the registry's own words for what isn't there", async () => {
  await using registry = startFakeRegistry();
  registry.push("team/app", "1", IMAGE);
  using open = openClient([registry.host]);
  for (
    const [name, code] of [["team/app:2", "MANIFEST_UNKNOWN"], [
      "team/none:1",
      "NAME_UNKNOWN",
    ]]
  ) {
    await assert.rejects(
      open.client.resolve(`${registry.host}/${name}`),
      (error) => {
        assert.ok(error instanceof NotFoundError);
        assert.equal(error.details.registryCode, code);
        assert.ok(error.message.includes(`"${registry.host}/${name}"`));
        return true;
      },
    );
  }
});

for (
  const [status, type, code] of [
    [401, AuthError, "unauthorized"],
    [403, AuthError, "denied"],
    [500, UnavailableError, "server-error"],
  ] as const
) {
  Deno.test(`RegistryClient.resolve() asks no second time after status ${status}`, async () => {
    await using registry = startFakeRegistry({
      faults: [{ match: MANIFESTS, fault: answerStatus(status) }],
    });
    const reference = registry.push("team/app", "1", IMAGE);
    using open = openClient([registry.host]);
    await assert.rejects(
      open.client.resolve(reference),
      (error) => error instanceof type && error.code === code,
    );
    assert.ok(methods(registry.requests).every((method) => method === "HEAD"));
  });
}

Deno.test("RegistryClient.resolve() says that the rate is limited", async () => {
  await using registry = startFakeRegistry({
    faults: [{ match: MANIFESTS, fault: rateLimit() }],
  });
  const reference = registry.push("team/app", "1", IMAGE);
  using open = openClient([registry.host]);
  await assert.rejects(open.client.resolve(reference), (error) => {
    assert.ok(error instanceof UnavailableError);
    assert.equal(error.code, "rate-limited");
    assert.match(error.hint ?? "", /dray login/);
    return true;
  });
});

Deno.test("RegistryClient.resolve() sends nothing for a reference that is none", async () => {
  await using registry = startFakeRegistry();
  using open = openClient([registry.host]);
  const { host } = registry;
  const references = [
    `${host}/../x:1`,
    `${host}/a:b c`,
    `${host}/a@sha256:../../x`,
    { registry: host, repository: "a/../../b", tag: "1" },
    { registry: host, repository: "a?b", tag: "1" },
    { registry: host, repository: "a", tag: "../x" },
    { registry: host, repository: "a", tag: "1?n=2" },
    { registry: host, repository: "a", tag: `1@sha256:${"a".repeat(64)}` },
    { registry: `${host}/x`, repository: "a", tag: "1" },
    { registry: "me@evil.example", repository: "a", tag: "1" },
    { registry: host, repository: "a", digest: "sha256:%2f" as never },
  ];
  for (const reference of references) {
    await assert.rejects(
      async () => await open.client.resolve(reference),
      UsageError,
    );
  }
  assert.equal(registry.requests.length, 0);
});

Deno.test("RegistryClient.resolve() ends with the caller's signal", async () => {
  await using registry = startFakeRegistry();
  const reference = registry.push("team/app", "1", IMAGE);
  using open = openClient([registry.host]);
  const signal = AbortSignal.abort(new Error("enough"));
  await assert.rejects(open.client.resolve(reference, { signal }), /enough/);
  assert.equal(registry.requests.length, 0);
});
