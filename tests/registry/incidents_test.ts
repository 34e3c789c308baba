import assert from "node:assert/strict";
import { AuthError, DrayError, UnavailableError } from "../../src/errors.ts";
import { parseAuthConfig } from "../../src/registry/auth_config.ts";
import { authConfigSource } from "../../src/registry/auth_config_source.ts";
import { type Endpoint, originEndpoint } from "../../src/registry/endpoint.ts";
import type { Descriptor } from "../../src/spec/descriptor.ts";
import { makeCertificates } from "../testing/certificates.ts";
import {
  type FakeRegistry,
  startFakeRegistry,
} from "../testing/fake_registry.ts";
import {
  answerStatus,
  BLOBS,
  MANIFESTS,
  redirectTo,
  TOKENS,
} from "../testing/faults.ts";
import { buildImage } from "../testing/image_builder.ts";
import type { RecordedRequest } from "../testing/raw_request.ts";
import { rawResponse } from "../testing/raw_response.ts";
import { startRawServer } from "../testing/raw_server.ts";
import { openClient, readAll, sourceFor, sourceOf } from "./open_client.ts";

/* Incidents of other clients (RESEARCH 4.1), told by what the other side received. */

const IMAGE = buildImage();
// Sound: the builder made a right one.
const LAYER = IMAGE.layers[0]?.descriptor as unknown as Descriptor;
const BYTES = IMAGE.layers[0]?.bytes ?? new Uint8Array();
const SECRETS = ["authorization", "proxy-authorization", "cookie", "x-key"];

function assertNoSecrets(requests: readonly RecordedRequest[]): void {
  for (const { headers, target, body } of requests) {
    for (const name of SECRETS) assert.equal(headers.get(name), null, name);
    assert.doesNotMatch(target + body, /hunter2|bWU6aHVudGVyMg|refresh-secret/);
  }
}

/** A client that knows a password and a header for one registry, and nothing for others. */
function openWithSecrets(
  registry: FakeRegistry,
  hosts: readonly string[] = [],
) {
  const endpoints = new Map<string, Endpoint>([[registry.host, {
    ...originEndpoint(registry.host),
    headers: { "x-key": "secret", cookie: "secret=1" },
  }]]);
  return openClient([
    registry.host,
    registry.tokenServer.host,
    registry.cdn.host,
    ...hosts,
  ], {
    credentials: sourceOf({ [registry.host]: ["me", "hunter2"] }),
    endpointsOf: (name) =>
      Promise.resolve([endpoints.get(name) ?? originEndpoint(name)]),
  });
}

const AUTHS = [
  { kind: "basic", users: { me: "hunter2" } },
  { kind: "bearer", users: { me: "hunter2" } },
] as const;

for (const auth of AUTHS) {
  Deno.test(`GHSA-vh4v-2xq2-g5cg: ${auth.kind} credentials, cookies and headers stay behind at a redirect to another port`, async () => {
    await using registry = startFakeRegistry({ auth, redirectBlobs: true });
    registry.push("team/app", "1", IMAGE);
    using open = openWithSecrets(registry);
    const stream = await open.client.fetchBlob(
      `${registry.host}/team/app`,
      LAYER,
    );
    assert.deepEqual(await readAll(stream), BYTES);
    assert.equal(registry.cdn.requests.length, 1);
    assertNoSecrets(registry.cdn.requests);
  });

  Deno.test(`CVE-2026-50151: ${auth.kind} credentials are not taken up again where a redirect leads back`, async () => {
    await using registry = startFakeRegistry({ auth });
    await using other = startRawServer((request) =>
      rawResponse(307, { Location: `${registry.url}/back${request.path}` })
    );
    registry.push("team/app", "1", IMAGE);
    registry.fault({ match: BLOBS, fault: redirectTo(`${other.url}/away`) });
    using open = openWithSecrets(registry, [other.host]);
    await assert.rejects(
      open.client.openBlob(`${registry.host}/team/app`, LAYER),
      DrayError,
    );
    assertNoSecrets(other.requests);
    const back = registry.requests.filter(({ path }) =>
      path.startsWith("/back")
    );
    assert.ok(back.length > 0);
    assertNoSecrets(back);
  });
}

for (const status of [401, 403, 400]) {
  Deno.test(`CVE-2020-15157: a challenge with status ${status} at the end of a redirect is not answered`, async () => {
    await using evil = startRawServer(() =>
      rawResponse(status, { "WWW-Authenticate": 'Basic realm="give"' })
    );
    await using registry = startFakeRegistry({
      auth: { kind: "bearer", users: { me: "hunter2" } },
      faults: [{ match: BLOBS, fault: redirectTo(`${evil.url}/take`) }],
    });
    registry.push("team/app", "1", IMAGE);
    using open = openWithSecrets(registry, [evil.host]);
    await assert.rejects(
      open.client.openBlob(`${registry.host}/team/app`, LAYER),
      (error) => error instanceof DrayError && !(error instanceof AuthError),
    );
    assert.equal(evil.requests.length, 1);
    assertNoSecrets(evil.requests);
    assert.equal(registry.tokenRequests.length, 1);
  });
}

Deno.test("GHSA-qvqc-4c52-x6qp: a mirror that sends us to a foreign URL gets nothing either", async () => {
  await using evil = startRawServer(() =>
    rawResponse(401, { "WWW-Authenticate": 'Basic realm="give"' })
  );
  await using registry = startFakeRegistry({
    auth: AUTHS[0],
    faults: [{ match: BLOBS, fault: answerStatus(404) }],
  });
  await using mirror = startFakeRegistry({
    faults: [{ match: BLOBS, fault: redirectTo(`${evil.url}/take`) }],
  });
  registry.push("team/app", "1", IMAGE);
  mirror.push("team/app", "1", IMAGE);
  using open = openClient([registry.host, mirror.host, evil.host], {
    credentials: sourceOf({ [registry.host]: ["me", "hunter2"] }),
    endpointsOf: (name) =>
      Promise.resolve([
        { ...originEndpoint(mirror.host), isMirror: true },
        originEndpoint(name),
      ]),
  });
  const layer = { ...LAYER, urls: [`${evil.url}/layer`] };
  await assert.rejects(
    open.client.openBlob(`${registry.host}/team/app`, layer),
    DrayError,
  );
  assert.equal(evil.requests.length, 2);
  assertNoSecrets(evil.requests);
});

/** A registry that speaks TLS, and what a client needs to trust it. */
async function startTlsRegistry(
  options: Parameters<typeof startFakeRegistry>[0],
) {
  const certificates = await makeCertificates();
  const { cert, key, ca } = certificates;
  const registry = startFakeRegistry({ tls: { cert, key }, ...options });
  return {
    registry,
    http: { caCerts: [ca], retry: { sleep: () => Promise.resolve() } },
    async [Symbol.asyncDispose]() {
      await registry[Symbol.asyncDispose]();
      await certificates[Symbol.asyncDispose]();
    },
  };
}

Deno.test("CVE-2026-48978: a realm in plain HTTP of a registry in HTTPS is not asked", async () => {
  await using realm = startRawServer(() =>
    rawResponse(200, {}, '{"token":"x"}')
  );
  const challenge = `Bearer realm="${realm.url}/token",service="s"`;
  await using tls = await startTlsRegistry({
    auth: { kind: "bearer", challenge },
  });
  const { registry, http } = tls;
  using open = openClient([], {
    http,
    credentials: sourceOf({ [registry.host]: ["me", "hunter2"] }),
  });
  await assert.rejects(
    open.client.resolve(`${registry.host}/team/app:1`),
    (error) => {
      assert.ok(error instanceof AuthError);
      assert.match(error.message, /without TLS/);
      return true;
    },
  );
  assert.deepEqual(realm.requests, []);
  assert.deepEqual(registry.tokenRequests, []);
});

for (
  const realm of [
    "https://169.254.169.254/latest",
    "https://10.255.255.1/token",
    "file:///etc/passwd",
    "data:application/json,{}",
    "gopher://x/",
    "not a URL",
  ]
) {
  Deno.test(`CVE-2026-48978: the realm ${realm} of a registry is not asked`, async () => {
    const sent: string[] = [];
    using open = openClient([], {
      credentials: sourceOf({ "registry.example": ["me", "hunter2"] }),
      transport: (request) => {
        sent.push(request.url.href);
        const field = `Bearer realm="${realm}",service="s"`;
        return Promise.resolve(
          new Response("", {
            status: 401,
            headers: { "www-authenticate": field },
          }),
        );
      },
    });
    await assert.rejects(
      open.client.resolve("registry.example/team/app:1"),
      AuthError,
    );
    assert.deepEqual(sent, [
      "https://registry.example/v2/team/app/manifests/1",
    ]);
  });
}

Deno.test("CVE-2026-48978: a realm with a user in it is not asked, nor is its password shown", async () => {
  await using realm = startRawServer(() =>
    rawResponse(200, {}, '{"token":"x"}')
  );
  const challenge = `Bearer realm="http://me:hunter2@${realm.host}/token"`;
  await using registry = startFakeRegistry({
    auth: { kind: "bearer", challenge },
  });
  using open = openClient([registry.host]);
  await assert.rejects(
    open.client.resolve(`${registry.host}/team/app:1`),
    (error) => {
      assert.ok(error instanceof AuthError);
      assert.doesNotMatch(Deno.inspect(error), /hunter2/);
      return true;
    },
  );
  assert.deepEqual(realm.requests, []);
});

Deno.test("CVE-2026-48978: a realm on another host gets the credentials of no other registry", async () => {
  await using good = startFakeRegistry({
    auth: { kind: "basic", users: { me: "hunter2" } },
  });
  await using evil = startFakeRegistry({
    auth: { kind: "bearer", realm: "other" },
  });
  using open = openWithSecrets(good, [evil.host, evil.tokenServer.host]);
  await open.client.resolve(good.push("team/app", "1", IMAGE));
  await open.client.resolve(evil.push("team/app", "1", IMAGE));
  assert.equal(evil.tokenRequests.length, 1);
  assertNoSecrets(evil.tokenRequests);
});

for (const kind of ["basic", "identity-token"] as const) {
  Deno.test(`A token service that redirects carries no ${kind} credential away`, async () => {
    await using evil = startRawServer(() =>
      rawResponse(200, {}, '{"token":"x"}')
    );
    await using registry = startFakeRegistry({
      auth: { kind: "bearer" },
      faults: [{ match: TOKENS, fault: redirectTo(`${evil.url}/token`) }],
    });
    const credential = kind === "basic"
      ? {
        kind,
        username: "me",
        password: "hunter2",
        origin: "the test",
      } as const
      : {
        kind,
        token: "refresh-secret",
        username: "me",
        origin: "the test",
      } as const;
    using open = openClient([registry.host, evil.host], {
      credentials: sourceFor(registry.host, credential),
    });
    await assert.rejects(
      open.client.resolve(registry.push("team/app", "1", IMAGE)),
      DrayError,
    );
    assertNoSecrets(evil.requests);
  });
}

Deno.test("CVE-2021-41092: a broken helper means anonymous access, with no other host's entry", async () => {
  await using registry = startFakeRegistry({ auth: { kind: "bearer" } });
  const config = {
    credHelpers: { [registry.host]: "there-is-no-such-helper" },
    auths: { "https://index.docker.io/v1/": { auth: btoa("me:hunter2") } },
  };
  const warnings: string[] = [];
  const credentials = authConfigSource(
    parseAuthConfig(JSON.stringify(config), "config.json"),
    {
      onWarning: (message) => warnings.push(message),
    },
  );
  using open = openClient([registry.host], { credentials });
  await open.client.resolve(registry.push("team/app", "1", IMAGE));
  assert.match(
    warnings.join(),
    /there-is-no-such-helper.*not installed.*config\.json/,
  );
  assertNoSecrets(registry.tokenRequests);
});

Deno.test("CVE-2014-5277: HTTPS that fails is not tried again in plain HTTP", async () => {
  const received: string[] = [];
  await using server = Deno.serve({
    port: 0,
    hostname: "127.0.0.1",
    onListen() {},
  }, (request) => {
    received.push(request.url);
    return new Response("{}");
  });
  const host = `127.0.0.1:${server.addr.port}`;
  const strict: Endpoint = { ...originEndpoint(host), allowPlainHttp: "never" };
  using open = openClient([], {
    endpointsOf: () => Promise.resolve([strict]),
    credentials: sourceOf({ [host]: ["me", "hunter2"] }),
  });
  await assert.rejects(
    open.client.resolve(`${host}/team/app:1`),
    UnavailableError,
  );
  assert.deepEqual(received, []);
});

Deno.test("A registry in HTTPS that redirects to plain HTTP, a file or a loop is not followed", async () => {
  await using plain = startRawServer(() => rawResponse(200, {}, BYTES));
  await using tls = await startTlsRegistry({});
  const { registry, http } = tls;
  registry.push("team/app", "1", IMAGE);
  using open = openClient([], { http });
  for (
    const location of [
      `${plain.url}/x`,
      "file:///etc/passwd",
      "data:,x",
      "/v2/loop/blobs/x",
    ]
  ) {
    registry.clearFaults();
    registry.fault({ match: /blobs/, fault: redirectTo(location) });
    await assert.rejects(
      open.client.openBlob(`${registry.host}/team/app`, LAYER),
      DrayError,
    );
  }
  assert.deepEqual(plain.requests, []);
  assert.ok(registry.requests.length < 30, `${registry.requests.length}`);
});

Deno.test("moby 20.10.20: a digest of one repository is not taken for one of another", async () => {
  await using registry = startFakeRegistry();
  registry.push("team/a", "1", IMAGE);
  registry.push("team/b", "1", buildImage({ layers: [{ seed: 9 }] }));
  using open = openClient([registry.host]);
  const { digest } = IMAGE.root.descriptor;
  await open.client.fetchDocument(`${registry.host}/team/a@${digest}`);
  await assert.rejects(
    open.client.fetchDocument(`${registry.host}/team/b@${digest}`),
    (error) => error instanceof DrayError && error.code === "not-found",
  );
});

Deno.test("No message has a URL with a query, or a secret, in it", async () => {
  await using registry = startFakeRegistry({
    auth: { kind: "bearer", users: { me: "hunter2" }, realm: "other" },
    redirectBlobs: true,
    signedUrlUses: 0,
  });
  registry.push("team/app", "1", IMAGE);
  using open = openWithSecrets(registry);
  const failures: unknown[] = [];
  const collect = (error: unknown) => void failures.push(error);
  await open.client.openBlob(`${registry.host}/team/app`, LAYER).catch(collect);
  registry.fault({ match: MANIFESTS, fault: answerStatus(500) });
  await open.client.resolve(`${registry.host}/team/app:1`).catch(collect);
  registry.auth.expireTokens();
  registry.fault({ match: TOKENS, fault: answerStatus(500) });
  await open.client.resolve(`${registry.host}/team/app:1`).catch(collect);
  assert.equal(failures.length, 3);
  for (const failure of failures) {
    assert.doesNotMatch(
      Deno.inspect(failure),
      /\?|hunter2|Signature|fake-token|bWU6/,
    );
  }
});
