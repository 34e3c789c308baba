import assert from "node:assert/strict";
import { NotFoundError, UnavailableError } from "../../src/errors.ts";
import { originEndpoint } from "../../src/registry/endpoint.ts";
import { findFitUrls } from "../../src/registry/open_foreign_blob.ts";
import type { Descriptor } from "../../src/spec/descriptor.ts";
import {
  type FakeRegistry,
  startFakeRegistry,
} from "../testing/fake_registry.ts";
import { buildImage } from "../testing/image_builder.ts";
import { rawResponse } from "../testing/raw_response.ts";
import { startRawServer } from "../testing/raw_server.ts";
import { openClient, readAll, sourceOf } from "./open_client.ts";

const IMAGE = buildImage();
const BYTES = IMAGE.layers[0]?.bytes ?? new Uint8Array();
const LAYER = {
  ...IMAGE.layers[0]?.descriptor,
  mediaType: "application/vnd.docker.image.rootfs.foreign.diff.tar.gzip",
} as unknown as Descriptor;
const repositoryOf = (registry: FakeRegistry) => `${registry.host}/team/app`;

/** A registry that wants a login and holds the image but for its layer. */
function startRegistry() {
  const registry = startFakeRegistry({
    auth: { kind: "basic", users: { me: "hunter2" } },
  });
  registry.push("team/app", "1", IMAGE);
  registry.content.remove("team/app", LAYER.digest);
  const credentials = sourceOf({ [registry.host]: ["me", "hunter2"] });
  const endpoint = {
    ...originEndpoint(registry.host),
    headers: { "x-key": "of the registry" },
  };
  const endpointsOf = () => Promise.resolve([endpoint]);
  return { registry, options: { credentials, endpointsOf } };
}

Deno.test("RegistryClient takes a foreign layer from the registry where it is there", async () => {
  await using registry = startFakeRegistry();
  await using other = startRawServer(() => rawResponse(200, {}, BYTES));
  registry.push("team/app", "1", IMAGE);
  using open = openClient([registry.host]);
  const layer = { ...LAYER, urls: [`${other.url}/layer`] };
  await readAll(await open.client.fetchBlob(repositoryOf(registry), layer));
  assert.equal(other.requests.length, 0);
});

Deno.test("RegistryClient takes a foreign layer from its URLs, one after the other, and verifies it", async () => {
  await using missing = startRawServer(() => rawResponse(404, {}, ""));
  await using other = startRawServer(() => rawResponse(200, {}, BYTES));
  const { registry, options } = startRegistry();
  await using _ = registry;
  using open = openClient([registry.host], options);
  const layer = {
    ...LAYER,
    urls: [`${missing.url}/layer`, `${other.url}/layer`],
  };
  const answer = await open.client.openBlob(repositoryOf(registry), layer);
  assert.ok(answer.kind === "whole");
  assert.equal(answer.source, other.host);
  assert.deepEqual(await answer.response.bytes(), BYTES);
  const wrong = {
    ...layer,
    digest: IMAGE.config.descriptor.digest as Descriptor["digest"],
  };
  registry.content.remove("team/app", wrong.digest);
  await assert.rejects(async () =>
    await readAll(await open.client.fetchBlob(repositoryOf(registry), wrong))
  );
});

for (
  const challenge of [
    'Basic realm="give"',
    'Bearer realm="http://127.0.0.1:1/token",service="x"',
  ]
) {
  Deno.test(`RegistryClient sends no credentials to a foreign URL that answers 401 ${challenge} (CVE-2020-15157, GHSA-qvqc-4c52-x6qp)`, async () => {
    await using evil = startRawServer(() =>
      rawResponse(401, { "WWW-Authenticate": challenge }, "")
    );
    const { registry, options } = startRegistry();
    await using _ = registry;
    using open = openClient([registry.host], options);
    const layer = { ...LAYER, urls: [`${evil.url}/layer?a=b`] };
    await assert.rejects(
      open.client.openBlob(repositoryOf(registry), layer),
      (error) => {
        assert.ok(error instanceof UnavailableError);
        assert.doesNotMatch(error.message, /a=b/);
        assert.equal(error.hint, undefined);
        return true;
      },
    );
    assert.equal(evil.requests.length, 1);
    const { headers } = evil.requests[0] ??
      { headers: new Headers({ authorization: "none" }) };
    for (
      const name of ["authorization", "cookie", "x-key", "proxy-authorization"]
    ) {
      assert.equal(headers.get(name), null);
    }
  });
}

Deno.test("RegistryClient sends a foreign URL the range and nothing else", async () => {
  await using other = startRawServer(() =>
    rawResponse(206, {
      "Content-Range": `bytes 10-19/${BYTES.length}`,
    }, BYTES.slice(10, 20))
  );
  const { registry, options } = startRegistry();
  await using _ = registry;
  using open = openClient([registry.host], options);
  const layer = { ...LAYER, urls: [`${other.url}/layer`] };
  const range = { start: 10, end: 20 };
  const answer = await open.client.openBlob(repositoryOf(registry), layer, {
    range,
  });
  assert.equal(answer.kind, "range");
  if (answer.kind === "range") await answer.response.body?.cancel();
  assert.equal(other.requests[0]?.headers.get("range"), "bytes=10-19");
});

Deno.test("RegistryClient says what the registry said where no URL is fit to be asked", async () => {
  const { registry, options } = startRegistry();
  await using _ = registry;
  using open = openClient([registry.host], options);
  const layer = { ...LAYER, urls: ["file:///etc/passwd", "ftp://x/", "junk"] };
  await assert.rejects(
    open.client.openBlob(repositoryOf(registry), layer),
    NotFoundError,
  );
});

const fit = (
  registry: string,
  urls: readonly string[],
  avoid: readonly string[] = [],
) =>
  findFitUrls(urls, originEndpoint(registry), new Set(avoid)).map(({ href }) =>
    href
  );

Deno.test("findFitUrls() takes what a redirect might lead to", () => {
  const good = ["https://cdn.example/layer?x=1", "https://1.1.1.1/"];
  assert.deepEqual(fit("registry.example", good), good);
  assert.deepEqual(fit("127.0.0.1:5000", ["http://127.0.0.1:6000/"]), [
    "http://127.0.0.1:6000/",
  ]);
  assert.deepEqual(fit("10.0.0.1", ["https://10.0.0.2/"]), [
    "https://10.0.0.2/",
  ]);
});

Deno.test("findFitUrls() leaves out what leads inside, isn't safe or isn't HTTP", () => {
  const bad = [
    "http://cdn.example/layer",
    "https://169.254.169.254/latest",
    "https://127.0.0.1/",
    "https://localhost/",
    "https://10.0.0.1/",
    "https://[::1]/",
    "https://me:secret@cdn.example/",
    "file:///etc/passwd",
    "data:,x",
    "/layer",
    "",
  ];
  for (const url of bad) {
    assert.deepEqual(fit("registry.example", [url]), [], url);
  }
});

Deno.test("findFitUrls() asks at few doors, and at avoided ones last", () => {
  const many = Array.from(
    { length: 100 },
    (_, index) => `https://cdn${index}.example/`,
  );
  assert.equal(fit("registry.example", many).length, 8);
  const two = ["https://a.example/", "https://b.example/"];
  assert.deepEqual(fit("registry.example", two, ["a.example"]), [
    "https://b.example/",
  ]);
  assert.deepEqual(
    fit("registry.example", two, ["a.example", "b.example"]),
    two,
  );
});
