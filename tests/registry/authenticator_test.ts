import assert from "node:assert/strict";
import {
  AuthError,
  OperationError,
  UnavailableError,
} from "../../src/errors.ts";
import type { Credential } from "../../src/registry/credential.ts";
import {
  type FakeRegistry,
  startFakeRegistry,
} from "../testing/fake_registry.ts";
import { answerStatus, endlessBody, TOKENS } from "../testing/faults.ts";
import { buildImage } from "../testing/image_builder.ts";
import { openClient, readAll, sourceFor, sourceOf } from "./open_client.ts";

const IMAGE = buildImage({ layers: [{}, {}, {}, {}] });
const repositoryOf = (registry: FakeRegistry) => `${registry.host}/team/app`;
const hostsOf = (
  registry: FakeRegistry,
) => [registry.host, registry.tokenServer.host];

async function pullAll(
  client: ReturnType<typeof openClient>["client"],
  registry: FakeRegistry,
): Promise<void> {
  const document = await client.fetchDocument(`${repositoryOf(registry)}:1`);
  assert.ok(document.kind === "manifest");
  const { config, layers } = document.manifest;
  const repository = repositoryOf(registry);
  await Promise.all([
    client.fetchConfigBytes(repository, config),
    ...layers.map(async (layer) =>
      await readAll(await client.fetchBlob(repository, layer))
    ),
  ]);
}

const authorizations = (registry: FakeRegistry) =>
  registry.requests.map(({ headers }) => headers.get("authorization"));

Deno.test("Authenticator needs one challenge and one token for a pull of many layers", async () => {
  await using registry = startFakeRegistry({
    auth: { kind: "bearer", realm: "other" },
  });
  registry.push("team/app", "1", IMAGE);
  using open = openClient(hostsOf(registry));
  await pullAll(open.client, registry);
  assert.equal(registry.tokenRequests.length, 1);
  assert.deepEqual(
    registry.requests.map(({ method, status }) => `${method} ${status}`),
    [
      "GET 401",
      ...Array<string>(6).fill("GET 200"),
    ],
  );
  assert.deepEqual(Object.fromEntries(registry.tokenRequests[0]?.query ?? []), {
    service: "fake-service",
    scope: "repository:team/app:pull",
  });
  assert.equal(registry.tokenRequests[0]?.headers.get("authorization"), null);
});

Deno.test("Authenticator fetches one token for requests that start together", async () => {
  await using registry = startFakeRegistry({ auth: { kind: "bearer" } });
  registry.push("team/app", "1", IMAGE);
  using open = openClient(hostsOf(registry));
  const layers = IMAGE.layers.map(({ descriptor }) => descriptor as never);
  await Promise.all(
    layers.map(async (layer) =>
      await readAll(await open.client.fetchBlob(repositoryOf(registry), layer))
    ),
  );
  assert.equal(registry.tokenRequests.length, 1);
});

Deno.test("Authenticator lets others have the token when the caller that asked first gives up", async () => {
  const gate = Promise.withResolvers<void>();
  const asked = Promise.withResolvers<void>();
  await using registry = startFakeRegistry({
    auth: { kind: "bearer" },
    faults: [{
      match: TOKENS,
      fault: async (
        response,
      ) => (asked.resolve(), await gate.promise, response),
    }],
  });
  const reference = registry.push("team/app", "1", IMAGE);
  using open = openClient(hostsOf(registry));
  const quitter = new AbortController();
  const quit = open.client.resolve(reference, { signal: quitter.signal });
  const stay = open.client.fetchDocument(reference);
  await asked.promise;
  quitter.abort(new Error("enough"));
  await assert.rejects(quit, /enough/);
  gate.resolve();
  assert.equal((await stay).descriptor.digest, IMAGE.root.descriptor.digest);
  assert.equal(registry.tokenRequests.length, 1);
});

Deno.test("Authenticator sends user and password to the token service only", async () => {
  await using registry = startFakeRegistry({
    auth: { kind: "bearer", realm: "other", users: { me: "pässwörd" } },
  });
  registry.push("team/app", "1", IMAGE);
  const credentials = sourceOf({ [registry.host]: ["me", "pässwörd"] });
  using open = openClient(hostsOf(registry), { credentials });
  const basic = `Basic ${new TextEncoder().encode("me:pässwörd").toBase64()}`;
  // The fake compares Latin-1, so it refuses; what it received is what counts here.
  await assert.rejects(pullAll(open.client, registry), AuthError);
  assert.equal(registry.tokenRequests[0]?.headers.get("authorization"), basic);
  assert.deepEqual(authorizations(registry), [null]);
});

Deno.test("Authenticator looks a credential up once for each repository", async () => {
  await using registry = startFakeRegistry({
    auth: { kind: "bearer", users: { me: "x" }, uses: 1 },
  });
  const reference = registry.push("team/app", "1", IMAGE);
  const credentials = sourceOf({ [registry.host]: ["me", "x"] });
  using open = openClient(hostsOf(registry), { credentials });
  for (let round = 0; round < 3; round++) await open.client.resolve(reference);
  assert.equal(registry.tokenRequests.length, 3);
  assert.deepEqual(credentials.lookups, [repositoryOf(registry)]);
});

Deno.test("Authenticator looks nothing up for a registry that lets everybody in", async () => {
  await using registry = startFakeRegistry();
  registry.push("team/app", "1", IMAGE);
  const credentials = sourceOf({ [registry.host]: ["me", "x"] });
  using open = openClient(hostsOf(registry), { credentials });
  await pullAll(open.client, registry);
  assert.deepEqual(credentials.lookups, []);
  assert.ok(authorizations(registry).every((value) => value === null));
});

for (const tokenField of ["token", "access_token", "both"] as const) {
  Deno.test(`Authenticator takes a token from the field ${tokenField}`, async () => {
    await using registry = startFakeRegistry({
      auth: { kind: "bearer", tokenField },
    });
    registry.push("team/app", "1", IMAGE);
    using open = openClient(hostsOf(registry));
    await pullAll(open.client, registry);
  });
}

for (
  const [expiresIn, afterMs, tokens] of [
    [undefined, 49_000, 1],
    [undefined, 50_000, 2],
    [300, 289_000, 1],
    [300, 290_000, 2],
  ] as const
) {
  Deno.test(`Authenticator has ${tokens} token(s) after ${afterMs} ms of a lifetime of ${expiresIn} s`, async () => {
    await using registry = startFakeRegistry({
      auth: { kind: "bearer", ...expiresIn === undefined ? {} : { expiresIn } },
    });
    const reference = registry.push("team/app", "1", IMAGE);
    let nowMs = 1_000_000;
    using open = openClient(hostsOf(registry), { now: () => nowMs });
    await open.client.resolve(reference);
    nowMs += afterMs;
    await open.client.resolve(reference);
    assert.equal(registry.tokenRequests.length, tokens);
    assert.equal(
      registry.requests.filter(({ status }) => status === 401).length,
      1,
    );
  });
}

for (const expiredStatus of [401, 400, 403] as const) {
  Deno.test(`Authenticator gets a new token where an expired one is answered with ${expiredStatus}`, async () => {
    await using registry = startFakeRegistry({
      auth: { kind: "bearer", expiredStatus },
    });
    const reference = registry.push("team/app", "1", IMAGE);
    using open = openClient(hostsOf(registry));
    await open.client.resolve(reference);
    registry.auth.expireTokens();
    registry.clear();
    await pullAll(open.client, registry);
    assert.equal(registry.tokenRequests.length, 1);
    assert.equal(
      registry.requests.filter(({ status }) => status === expiredStatus).length,
      1,
    );
  });
}

Deno.test("Authenticator shares the new token among requests whose old one was refused", async () => {
  await using registry = startFakeRegistry({ auth: { kind: "bearer" } });
  const reference = registry.push("team/app", "1", IMAGE);
  using open = openClient(hostsOf(registry));
  await open.client.resolve(reference);
  registry.auth.expireTokens();
  registry.clear();
  const layers = IMAGE.layers.map(({ descriptor }) => descriptor as never);
  await Promise.all(
    layers.map(async (layer) =>
      await readAll(await open.client.fetchBlob(repositoryOf(registry), layer))
    ),
  );
  assert.equal(registry.tokenRequests.length, 1);
});

for (const status of [400, 403]) {
  Deno.test(`Authenticator asks for no token after a ${status} where none was sent`, async () => {
    await using registry = startFakeRegistry({
      faults: [{ match: /manifests/, fault: answerStatus(status) }],
    });
    const reference = registry.push("team/app", "1", IMAGE);
    using open = openClient(hostsOf(registry));
    await assert.rejects(open.client.fetchDocument(reference), (error) => {
      assert.ok(
        status === 403
          ? error instanceof AuthError
          : error instanceof OperationError,
      );
      return true;
    });
    assert.equal(registry.requests.length, 1);
  });
}

Deno.test("Authenticator tries once more, not for ever, where every token is refused", async () => {
  await using registry = startFakeRegistry({
    auth: { kind: "bearer", uses: 0 },
  });
  const reference = registry.push("team/app", "1", IMAGE);
  using open = openClient(hostsOf(registry));
  await assert.rejects(open.client.fetchDocument(reference), (error) => {
    assert.ok(error instanceof AuthError);
    assert.equal(error.code, "unauthorized");
    assert.match(error.message, /not found or no access/);
    assert.equal(error.hint, `dray login ${registry.host}`);
    return true;
  });
  assert.equal(
    registry.requests.filter(({ path }) => path !== "/token").length,
    2,
  );
});

Deno.test("Authenticator answers a Basic challenge, and goes on without being challenged", async () => {
  await using registry = startFakeRegistry({
    auth: { kind: "basic", users: { me: "x" } },
  });
  registry.push("team/app", "1", IMAGE);
  const credentials = sourceOf({ [registry.host]: ["me", "x"] });
  using open = openClient(hostsOf(registry), { credentials });
  await pullAll(open.client, registry);
  assert.equal(
    registry.requests.filter(({ status }) => status === 401).length,
    1,
  );
});

Deno.test("Authenticator names the source of a credential that is refused, never the secret", async () => {
  for (const kind of ["basic", "bearer"] as const) {
    await using registry = startFakeRegistry({
      auth: { kind, users: { me: "x" } },
    });
    const reference = registry.push("team/app", "1", IMAGE);
    const credentials = sourceOf({ [registry.host]: ["me", "hunter2"] });
    using open = openClient(hostsOf(registry), { credentials });
    await assert.rejects(open.client.fetchDocument(reference), (error) => {
      assert.ok(error instanceof AuthError);
      assert.match(error.message, /refuses the credentials from the test/);
      assert.doesNotMatch(Deno.inspect(error), /hunter2/);
      return true;
    });
    assert.equal(registry.requests.length, 2);
  }
});

const IDENTITY: Credential = {
  kind: "identity-token",
  token: "refresh",
  origin: "the test",
};

Deno.test("Authenticator exchanges an identity token by POST", async () => {
  await using registry = startFakeRegistry({
    auth: { kind: "bearer", anonymous: false, identityToken: "refresh" },
  });
  registry.push("team/app", "1", IMAGE);
  using open = openClient(hostsOf(registry), {
    credentials: sourceFor(registry.host, IDENTITY),
  });
  await pullAll(open.client, registry);
  const [request] = registry.tokenRequests;
  assert.equal(request?.method, "POST");
  assert.equal(request?.query.size, 0);
  assert.equal(
    request?.headers.get("content-type"),
    "application/x-www-form-urlencoded",
  );
  assert.deepEqual(Object.fromEntries(new URLSearchParams(request?.body)), {
    grant_type: "refresh_token",
    service: "fake-service",
    client_id: "dray",
    scope: "repository:team/app:pull",
    refresh_token: "refresh",
  });
});

for (const status of [400, 401, 404, 405]) {
  Deno.test(`Authenticator falls back to GET where the POST is answered with ${status}`, async () => {
    await using registry = startFakeRegistry({
      auth: { kind: "bearer", users: { "0000": "refresh" } },
      faults: [{ match: /^POST/, fault: answerStatus(status) }],
    });
    registry.push("team/app", "1", IMAGE);
    using open = openClient(hostsOf(registry), {
      credentials: sourceFor(
        registry.host,
        { ...IDENTITY, username: "0000" } as Credential,
      ),
    });
    await pullAll(open.client, registry);
    assert.deepEqual(registry.tokenRequests.map(({ method }) => method), [
      "POST",
      "GET",
    ]);
  });
}

Deno.test("Authenticator does not fall back to GET where the service fails otherwise", async () => {
  await using registry = startFakeRegistry({
    auth: { kind: "bearer" },
    faults: [{ match: /^POST/, fault: answerStatus(403) }],
  });
  const reference = registry.push("team/app", "1", IMAGE);
  using open = openClient(hostsOf(registry), {
    credentials: sourceFor(registry.host, IDENTITY),
  });
  await assert.rejects(open.client.resolve(reference), AuthError);
  assert.deepEqual(registry.tokenRequests.map(({ method }) => method), [
    "POST",
  ]);
});

Deno.test("Authenticator sends a given bearer token as it is, and asks no service for one", async () => {
  await using registry = startFakeRegistry({ auth: { kind: "bearer" } });
  const reference = registry.push("team/app", "1", IMAGE);
  const given: Credential = {
    kind: "bearer",
    token: "given",
    origin: "the test",
  };
  using open = openClient(hostsOf(registry), {
    credentials: sourceFor(registry.host, given),
  });
  await assert.rejects(
    open.client.resolve(reference),
    /refuses the credentials from the test/,
  );
  assert.deepEqual(authorizations(registry), [null, "Bearer given"]);
});

Deno.test("Authenticator asks for each scope of a challenge, and with the account's name", async () => {
  await using registry = startFakeRegistry({
    auth: {
      kind: "bearer",
      users: { me: "x" },
      challenge: () =>
        `Bearer realm="${registry.url}/token?keep=1",service="s",` +
        `scope="repository:team/app:pull repository:team/base:pull"`,
    },
  });
  registry.push("team/app", "1", IMAGE);
  const credentials = sourceOf({ [registry.host]: ["me", "x"] });
  using open = openClient(hostsOf(registry), { credentials });
  await pullAll(open.client, registry);
  assert.deepEqual([...registry.tokenRequests[0]?.query ?? []], [
    ["keep", "1"],
    ["service", "s"],
    ["scope", "repository:team/app:pull"],
    ["scope", "repository:team/base:pull"],
    ["account", "me"],
  ]);
});

Deno.test("Authenticator retries the token service, and says when it keeps failing", async () => {
  await using registry = startFakeRegistry({
    auth: { kind: "bearer" },
    faults: [{ match: TOKENS, fault: answerStatus(503), times: 2 }],
  });
  const reference = registry.push("team/app", "1", IMAGE);
  using open = openClient(hostsOf(registry));
  await open.client.resolve(reference);
  assert.equal(registry.tokenRequests.length, 3);
  registry.fault({ match: TOKENS, fault: answerStatus(503) });
  registry.auth.expireTokens();
  await assert.rejects(open.client.resolve(reference), (error) => {
    assert.ok(error instanceof UnavailableError);
    assert.equal(error.code, "server-error");
    return true;
  });
});

for (const body of ["<html>", "{}", '{"token":"a b"}', '{"token":7}', "[]"]) {
  Deno.test(`Authenticator says that ${body} is no token`, async () => {
    await using registry = startFakeRegistry({
      auth: { kind: "bearer" },
      faults: [{ match: TOKENS, fault: answerStatus(200, {}, body) }],
    });
    const reference = registry.push("team/app", "1", IMAGE);
    using open = openClient(hostsOf(registry));
    await assert.rejects(open.client.resolve(reference), /has no token in it/);
  });
}

Deno.test("Authenticator reads no more than 1 MiB of a token service's answer (CVE-2020-1702)", async () => {
  await using registry = startFakeRegistry({
    auth: { kind: "bearer" },
    faults: [{ match: TOKENS, fault: endlessBody() }],
  });
  const reference = registry.push("team/app", "1", IMAGE);
  using open = openClient(hostsOf(registry));
  await assert.rejects(
    open.client.resolve(reference),
    /1048576|1 MiB|more than/,
  );
});

Deno.test("Authenticator gives one registry's token to no other that names its realm and scope", async () => {
  await using origin = startFakeRegistry({
    auth: { kind: "bearer", users: { me: "x" }, realm: "other" },
  });
  const realm = `${origin.tokenServer.url}/token`;
  await using thief = startFakeRegistry({
    auth: { kind: "bearer", realm, service: "fake-service" },
  });
  const credentials = sourceOf({ [origin.host]: ["me", "x"] });
  using open = openClient([...hostsOf(origin), ...hostsOf(thief)], {
    credentials,
  });
  await open.client.resolve(origin.push("team/app", "1", IMAGE));
  const before = origin.tokenRequests.length;
  await assert.rejects(
    open.client.resolve(thief.push("team/app", "1", IMAGE)),
    AuthError,
  );
  assert.deepEqual(
    origin.tokenRequests.slice(before).map(({ headers }) =>
      headers.get("authorization")
    ),
    [null],
  );
  assert.deepEqual(authorizations(thief), [null]);
});
