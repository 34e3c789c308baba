import assert from "node:assert/strict";
import {
  AuthError,
  IntegrityError,
  NotFoundError,
  UnavailableError,
} from "../../src/errors.ts";
import { type Endpoint, originEndpoint } from "../../src/registry/endpoint.ts";
import type { RegistryClientOptions } from "../../src/registry/registry_client.ts";
import type { Descriptor } from "../../src/spec/descriptor.ts";
import {
  type FakeRegistry,
  type FakeRegistryOptions,
  startFakeRegistry,
} from "../testing/fake_registry.ts";
import {
  answerStatus,
  BLOBS,
  extraBytes,
  flipByte,
  hangUp,
  MANIFESTS,
  rateLimit,
} from "../testing/faults.ts";
import { buildImage } from "../testing/image_builder.ts";
import { openClient, readAll, sourceOf } from "./open_client.ts";

const IMAGE = buildImage();
// Sound: the builder made right ones.
const LAYER = IMAGE.layers[0]?.descriptor as unknown as Descriptor;
const ROOT = IMAGE.root.descriptor as unknown as Descriptor;

const mirrorOf = (
  mirror: FakeRegistry,
  more: Partial<Endpoint> = {},
): Endpoint => ({
  ...originEndpoint(mirror.host),
  isMirror: true,
  namespace: "origin.example",
  ...more,
});

interface FleetOptions extends RegistryClientOptions {
  readonly mirror?: FakeRegistryOptions;
  readonly origin?: FakeRegistryOptions;
  readonly endpoint?: Partial<Endpoint>;
  /** Whether the mirror holds the image. Default true. */
  readonly isFilled?: boolean;
}

/** A registry with one mirror; both hold the image. */
function startFleet(options: FleetOptions = {}) {
  const { endpoint, isFilled = true, ...rest } = options;
  const mirror = startFakeRegistry(options.mirror);
  const origin = startFakeRegistry(options.origin);
  const reference = origin.push("team/app", "1", IMAGE);
  if (isFilled) mirror.push("team/app", "1", IMAGE);
  const hosts = [mirror, origin].flatMap((
    { host, tokenServer },
  ) => [host, tokenServer.host]);
  const endpoints = [mirrorOf(mirror, endpoint), originEndpoint(origin.host)];
  const { mirror: _, origin: __, ...clientOptions } = rest;
  const open = openClient(hosts, {
    endpointsOf: () => Promise.resolve(endpoints),
    ...clientOptions,
  });
  return {
    mirror,
    origin,
    reference,
    repository: `${origin.host}/team/app`,
    client: open.client,
    warnings: open.warnings,
    async [Symbol.asyncDispose]() {
      open[Symbol.dispose]();
      await mirror[Symbol.asyncDispose]();
      await origin[Symbol.asyncDispose]();
    },
  };
}

Deno.test("RegistryClient asks a mirror instead of the registry, with ns=", async () => {
  await using fleet = startFleet();
  const { client, mirror, origin, reference, repository } = fleet;
  await client.resolve(reference);
  await client.fetchDocument(reference);
  const answer = await client.openBlob(repository, LAYER);
  assert.ok(answer.kind === "whole");
  assert.equal(answer.source, mirror.host);
  await answer.response.body?.cancel();
  assert.deepEqual(mirror.requests.map(({ query }) => query.get("ns")), [
    "origin.example",
    "origin.example",
    "origin.example",
  ]);
  assert.equal(origin.requests.length, 0);
});

Deno.test("RegistryClient asks the registry what a mirror may not be asked", async () => {
  await using fleet = startFleet({
    endpoint: { capabilities: new Set(["pull"]) },
  });
  const { client, mirror, origin, reference, repository } = fleet;
  await client.resolve(reference);
  await client.fetchDocument(reference);
  assert.equal(mirror.requests.length, 0);
  await client.fetchDocument(reference, { descriptor: ROOT });
  await readAll(await client.fetchBlob(repository, LAYER));
  assert.equal(mirror.requests.length, 2);
  assert.deepEqual(origin.requests.map(({ query }) => query.get("ns")), [
    null,
    null,
  ]);
});

Deno.test("RegistryClient asks the registry itself for its tags", async () => {
  await using fleet = startFleet();
  assert.deepEqual(
    await Array.fromAsync(fleet.client.listTags(fleet.repository)),
    ["1"],
  );
  assert.equal(fleet.mirror.requests.length, 0);
});

Deno.test("RegistryClient goes on in silence where a mirror has not got it", async () => {
  await using fleet = startFleet({ isFilled: false });
  const { client, reference, repository, warnings } = fleet;
  await client.resolve(reference);
  await client.fetchDocument(reference);
  await readAll(await client.fetchBlob(repository, LAYER));
  assert.deepEqual(warnings, []);
  assert.equal(fleet.mirror.requests.length, 3);
});

const FAILURES = {
  "hangs up": hangUp(),
  "fails": answerStatus(500),
  "limits the rate": rateLimit("120"),
  "wants a login": answerStatus(401),
  "denies access": answerStatus(403),
};

for (const [what, fault] of Object.entries(FAILURES)) {
  Deno.test(`RegistryClient goes on with a warning, and without delay, where a mirror ${what}`, async () => {
    const waits: unknown[] = [];
    await using fleet = startFleet({
      mirror: { faults: [{ match: /./, fault }] },
    });
    const { client, mirror, reference, warnings } = fleet;
    const onRetry = (notice: unknown) => waits.push(notice);
    assert.equal(
      (await client.fetchDocument(reference, { onRetry })).kind,
      "manifest",
    );
    assert.equal(mirror.requests.length, 1);
    assert.deepEqual(waits, []);
    assert.equal(warnings.length, 1);
    assert.ok(
      warnings[0]?.startsWith(`Mirror "${mirror.host}" is passed over: `),
    );
  });
}

Deno.test("RegistryClient leaves a dead mirror alone for a while, then tries it again", async () => {
  let nowMs = 0;
  await using fleet = startFleet({
    mirror: { faults: [{ match: /./, fault: hangUp(), times: 2 }] },
    mirrorCooldownMs: 30_000,
    now: () => nowMs,
  });
  const { client, mirror, origin, reference } = fleet;
  const counts = () => [mirror.requests.length, origin.requests.length];
  for (let round = 0; round < 3; round++) await client.resolve(reference);
  assert.deepEqual(counts(), [1, 3]);
  nowMs = 30_000;
  for (let round = 0; round < 3; round++) await client.resolve(reference);
  assert.deepEqual(counts(), [2, 6]);
  nowMs = 90_000;
  for (let round = 0; round < 3; round++) await client.resolve(reference);
  assert.deepEqual(counts(), [5, 6]);
});

Deno.test("RegistryClient believes no mirror that serves something else", async () => {
  for (const fault of [flipByte(5), extraBytes(1)]) {
    await using fleet = startFleet({
      mirror: { faults: [{ match: /./, fault }] },
    });
    const { client, reference, warnings } = fleet;
    const config = IMAGE.config.descriptor as unknown as Descriptor;
    await client.fetchDocument(reference, { descriptor: ROOT });
    await client.fetchConfig(fleet.repository, config);
    assert.equal(warnings.length, 2);
  }
});

Deno.test("RegistryClient takes a range from where it is not avoided, while there is such a place", async () => {
  await using fleet = startFleet();
  const { client, mirror, origin, repository } = fleet;
  const sourceWith = async (...avoid: string[]) => {
    const options = { range: { start: 0, end: 10 }, avoid: new Set(avoid) };
    const answer = await client.openBlob(repository, LAYER, options);
    if (answer.kind !== "unsatisfiable") await answer.response.body?.cancel();
    return answer.source;
  };
  assert.equal(await sourceWith(), mirror.host);
  assert.equal(await sourceWith(mirror.host), origin.host);
  assert.equal(await sourceWith(origin.host), mirror.host);
  assert.equal(await sourceWith(mirror.host, origin.host), mirror.host);
});

Deno.test("RegistryClient puts no condition on a range that another source may answer", async () => {
  await using fleet = startFleet();
  const options = { range: { start: 0, end: 10 }, etag: '"of the origin"' };
  const answer = await fleet.client.openBlob(fleet.repository, LAYER, options);
  assert.equal(answer.kind, "range");
  if (answer.kind === "range") await answer.response.body?.cancel();
});

Deno.test("RegistryClient throws what the registry itself says when nobody serves", async () => {
  await using fleet = startFleet({
    mirror: { faults: [{ match: BLOBS, fault: answerStatus(500) }] },
    origin: { faults: [{ match: BLOBS, fault: answerStatus(404) }] },
  });
  const { client, origin, repository } = fleet;
  await assert.rejects(client.openBlob(repository, LAYER), (error) => {
    assert.ok(error instanceof NotFoundError);
    assert.equal(error.details.host, origin.host);
    return true;
  });
});

Deno.test("RegistryClient has patience with the registry itself when all mirrors have failed", async () => {
  await using fleet = startFleet({
    mirror: { faults: [{ match: MANIFESTS, fault: answerStatus(503) }] },
    origin: {
      faults: [{ match: MANIFESTS, fault: answerStatus(503), times: 2 }],
    },
  });
  await fleet.client.resolve(fleet.reference);
  assert.equal(fleet.origin.requests.length, 3);
});

Deno.test("RegistryClient sends a registry's credentials to no mirror, and a mirror's to nobody else", async () => {
  const users = { me: "secret-of-origin", mine: "secret-of-mirror" };
  await using fleet = startFleet({
    mirror: { auth: { kind: "basic", users: { mine: "secret-of-mirror" } } },
    origin: { auth: { kind: "basic", users: { me: "secret-of-origin" } } },
    credentials: {
      find: (registry) =>
        Promise.resolve({
          kind: "basic",
          username: registry === fleet.mirror.host ? "mine" : "me",
          password: registry === fleet.mirror.host ? users.mine : users.me,
          origin: "the test",
        }),
    },
  });
  const { client, mirror, origin, reference, repository } = fleet;
  await client.fetchDocument(reference);
  mirror.fault({ match: BLOBS, fault: hangUp() });
  await readAll(await client.fetchBlob(repository, LAYER));
  const sent = (registry: FakeRegistry) =>
    new Set(
      registry.requests.map(({ headers }) => headers.get("authorization"))
        .filter((one) => one !== null),
    );
  assert.deepEqual(
    sent(mirror),
    new Set([`Basic ${btoa("mine:secret-of-mirror")}`]),
  );
  assert.deepEqual(
    sent(origin),
    new Set([`Basic ${btoa("me:secret-of-origin")}`]),
  );
});

Deno.test("RegistryClient stays anonymous at a mirror that it has no credentials for", async () => {
  await using fleet = startFleet({
    mirror: { auth: { kind: "bearer", users: { me: "x" }, realm: "other" } },
    origin: { auth: { kind: "bearer", users: { me: "x" }, realm: "other" } },
    credentials: sourceOf({}),
  });
  const { client, mirror, origin, reference } = fleet;
  await assert.rejects(client.resolve(reference), AuthError);
  for (
    const { headers } of [...mirror.tokenRequests, ...origin.tokenRequests]
  ) {
    assert.equal(headers.get("authorization"), null);
  }
});

Deno.test("RegistryClient sends the headers of a host to that host only", async () => {
  await using fleet = startFleet({
    endpoint: { headers: { "x-key": "of the mirror" } },
    mirror: { redirectBlobs: true },
  });
  const { client, mirror, origin, reference, repository } = fleet;
  await client.resolve(reference);
  await readAll(await client.fetchBlob(repository, LAYER)).catch(() => {});
  mirror.fault({ match: MANIFESTS, fault: answerStatus(500) });
  await client.resolve(reference);
  const keys = (requests: readonly { readonly headers: Headers }[]) =>
    new Set(requests.map(({ headers }) => headers.get("x-key")));
  assert.deepEqual(keys(mirror.requests), new Set(["of the mirror"]));
  assert.deepEqual(keys(mirror.cdn.requests), new Set([null]));
  assert.deepEqual(keys(origin.requests), new Set([null]));
});

Deno.test("RegistryClient asks no mirror after the caller has given up", async () => {
  const controller = new AbortController();
  await using fleet = startFleet({
    mirror: {
      faults: [{
        match: MANIFESTS,
        fault: (response, request) => {
          controller.abort(new Error("enough"));
          return answerStatus(500)(response, request);
        },
      }],
    },
  });
  const { signal } = controller;
  await assert.rejects(
    fleet.client.resolve(fleet.reference, { signal }),
    /enough/,
  );
  assert.equal(fleet.origin.requests.length, 0);
});

Deno.test("RegistryClient says that nothing can be reached when nothing can", async () => {
  await using fleet = startFleet();
  await fleet.mirror[Symbol.asyncDispose]();
  await fleet.origin[Symbol.asyncDispose]();
  await assert.rejects(fleet.client.resolve(fleet.reference), (error) => {
    assert.ok(error instanceof UnavailableError);
    assert.ok(!(error instanceof IntegrityError));
    return true;
  });
});

for (const status of [401, 403]) {
  Deno.test(`RegistryClient asks a mirror that answers ${status} once, and warns once`, async () => {
    await using fleet = startFleet({
      mirror: { faults: [{ match: /./, fault: answerStatus(status) }] },
    });
    const { client, mirror, repository, warnings } = fleet;
    await client.fetchDocument(fleet.reference);
    const asked = mirror.requests.length;
    for (let blob = 0; blob < 3; blob++) {
      await readAll(await client.fetchBlob(repository, LAYER));
    }
    assert.equal(mirror.requests.length, asked);
    assert.equal(
      warnings.filter((text) => text.includes("is passed over")).length,
      1,
    );
  });
}
