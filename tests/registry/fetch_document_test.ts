import assert from "node:assert/strict";
import { IntegrityError, UnavailableError } from "../../src/errors.ts";
import type { Descriptor } from "../../src/spec/descriptor.ts";
import { parseReference } from "../../src/spec/reference.ts";
import { startFakeRegistry } from "../testing/fake_registry.ts";
import {
  chunked,
  claimLength,
  cutAfter,
  dropBytes,
  endlessBody,
  extraBytes,
  flipByte,
  MANIFESTS,
  replaceBody,
  setHeaders,
} from "../testing/faults.ts";
import {
  buildImage,
  buildMultiPlatform,
  buildRawDocument,
} from "../testing/image_builder.ts";
import { digestOf, textBytes } from "../testing/test_bytes.ts";
import { openClient } from "./open_client.ts";

const IMAGE = buildImage();
// Sound: the builder made a right one.
const ROOT = IMAGE.root.descriptor as unknown as Descriptor;
const withCode = (code: string) => (error: unknown) =>
  error instanceof IntegrityError && error.code === code;

Deno.test("RegistryClient.fetchDocument() gives bytes and content, by tag with one request", async () => {
  await using registry = startFakeRegistry();
  const reference = registry.push("team/app", "1", IMAGE);
  using open = openClient([registry.host]);
  const document = await open.client.fetchDocument(reference);
  assert.equal(document.kind, "manifest");
  assert.deepEqual(document.bytes, IMAGE.root.bytes);
  assert.deepEqual(document.descriptor, {
    mediaType: ROOT.mediaType,
    digest: ROOT.digest,
    size: ROOT.size,
  });
  assert.deepEqual(registry.requests.map(({ target }) => target), [
    "/v2/team/app/manifests/1",
  ]);
});

for (const algorithm of ["sha256", "sha512"] as const) {
  Deno.test(`RegistryClient.fetchDocument() pulls by ${algorithm}`, async () => {
    await using registry = startFakeRegistry();
    const image = buildImage({ algorithm });
    registry.push("team/app", "1", image);
    using open = openClient([registry.host]);
    const { digest } = image.root.descriptor;
    for (const selector of ["@" + digest, ":1@" + digest, ":1"]) {
      const document = await open.client.fetchDocument(
        `${registry.host}/team/app${selector}`,
      );
      assert.equal(document.descriptor.digest, digest);
    }
  });
}

Deno.test("RegistryClient.fetchManifest() and fetchIndex() give what a descriptor names, and nothing else", async () => {
  await using registry = startFakeRegistry();
  const index = buildMultiPlatform([
    { os: "linux", architecture: "amd64" },
    { os: "linux", architecture: "arm64" },
  ]);
  registry.push("team/app", "1", index);
  using open = openClient([registry.host]);
  const repository = `${registry.host}/team/app`;
  const root = index.root.descriptor as unknown as Descriptor;
  const { manifests } = await open.client.fetchIndex(repository, root);
  const [first] = manifests;
  assert.ok(first);
  assert.ok(
    (await open.client.fetchManifest(repository, first)).layers.length > 0,
  );
  await assert.rejects(
    open.client.fetchManifest(repository, root),
    withCode("document-invalid"),
  );
  await assert.rejects(
    open.client.fetchIndex(repository, first),
    withCode("document-invalid"),
  );
});

Deno.test("RegistryClient.fetchManifest() and fetchIndex() fetch what a reference points to where no descriptor is given", async () => {
  await using registry = startFakeRegistry();
  registry.push("team/app", "1", IMAGE);
  const index = buildMultiPlatform([{ os: "linux", architecture: "amd64" }]);
  registry.push("team/app", "all", index);
  using open = openClient([registry.host]);
  const { client } = open;
  const name = `${registry.host}/team/app`;
  const { layers } = await client.fetchManifest(`${name}:1`);
  assert.equal(layers.length, IMAGE.layers.length);
  const reference = parseReference(`${name}:all`);
  const { manifests: [first] } = await client.fetchIndex(reference);
  assert.ok(first);
  const pinned = `${name}:gone@${first.digest}`;
  assert.ok((await client.fetchManifest(pinned)).layers.length > 0);
  await assert.rejects(
    client.fetchManifest(reference),
    withCode("document-invalid"),
  );
});

Deno.test("RegistryClient.fetchDocument() refuses other bytes under a pinned digest, whatever the header says (CVE-2025-24882)", async () => {
  await using registry = startFakeRegistry();
  const other = buildImage({ layers: [{ seed: 9 }] }).root;
  registry.push("team/app", "1", IMAGE);
  registry.fault({
    match: MANIFESTS,
    fault: (response, request) =>
      setHeaders({ "Docker-Content-Digest": other.descriptor.digest })(
        { ...response, body: other.bytes },
        request,
      ),
  });
  using open = openClient([registry.host]);
  const pinned = `${registry.host}/team/app@${ROOT.digest}`;
  await assert.rejects(open.client.fetchDocument(pinned), (error) => {
    assert.ok(error instanceof IntegrityError);
    assert.equal(error.code, "digest-mismatch");
    assert.equal(error.details.expected, ROOT.digest);
    assert.equal(error.details.actual, other.descriptor.digest);
    return true;
  });
});

Deno.test("RegistryClient.fetchDocument() hashes the raw bytes, white space and all (CVE-2014-8179)", async () => {
  for (const tail of ["\n", " ", "\0", "{}"]) {
    const body = new Uint8Array([...IMAGE.root.bytes, ...textBytes(tail)]);
    await using registry = startFakeRegistry({
      faults: [{ match: MANIFESTS, fault: replaceBody(body) }],
    });
    registry.push("team/app", "1", IMAGE);
    using open = openClient([registry.host]);
    const pinned = `${registry.host}/team/app@${ROOT.digest}`;
    await assert.rejects(
      open.client.fetchDocument(pinned),
      withCode("digest-mismatch"),
    );
    const options = { descriptor: ROOT };
    await assert.rejects(
      open.client.fetchDocument(pinned, options),
      withCode("size-mismatch"),
    );
  }
});

Deno.test("RegistryClient.fetchDocument() refuses a tag's body that the header's digest is not of", async () => {
  await using registry = startFakeRegistry({
    faults: [{ match: MANIFESTS, fault: flipByte(30) }],
  });
  const reference = registry.push("team/app", "1", IMAGE);
  using open = openClient([registry.host]);
  await assert.rejects(
    open.client.fetchDocument(reference),
    withCode("digest-mismatch"),
  );
});

Deno.test("RegistryClient.fetchDocument() goes by the body where the header says nothing of use", async () => {
  for (
    const header of [undefined, "", "sha256:../x", `md5:${"0".repeat(32)}`]
  ) {
    await using registry = startFakeRegistry({
      faults: [{
        match: MANIFESTS,
        fault: setHeaders({ "Docker-Content-Digest": header }),
      }],
    });
    const reference = registry.push("team/app", "1", IMAGE);
    using open = openClient([registry.host]);
    assert.equal(
      (await open.client.fetchDocument(reference)).descriptor.digest,
      ROOT.digest,
    );
  }
});

for (
  const [what, fault] of [
    ["too long", extraBytes(1)],
    ["too short", dropBytes(1)],
    [
      "too long without saying so",
      (response, request) =>
        chunked()(
          { ...response, body: new Uint8Array([...response.body, 32]) },
          request,
        ),
    ],
    ["endless", endlessBody()],
  ] as const satisfies readonly (readonly [
    string,
    ReturnType<typeof chunked>,
  ])[]
) {
  Deno.test(`RegistryClient.fetchDocument() refuses a body that is ${what} for its descriptor`, async () => {
    await using registry = startFakeRegistry({
      faults: [{ match: MANIFESTS, fault }],
    });
    const reference = registry.push("team/app", "1", IMAGE);
    using open = openClient([registry.host]);
    const options = { descriptor: ROOT };
    await assert.rejects(
      open.client.fetchDocument(reference, options),
      withCode("size-mismatch"),
    );
  });
}

for (
  const [what, fault] of [
    ["says so", claimLength(5_000_000)],
    ["has no end", endlessBody()],
  ] as const
) {
  Deno.test(`RegistryClient.fetchDocument() reads no document over 4 MiB that ${what} (CVE-2020-1702)`, async () => {
    await using registry = startFakeRegistry({
      faults: [{ match: MANIFESTS, fault }],
    });
    const reference = registry.push("team/app", "1", IMAGE);
    using open = openClient([registry.host]);
    await assert.rejects(
      open.client.fetchDocument(reference),
      withCode("document-too-large"),
    );
  });
}

Deno.test("RegistryClient.fetchDocument() asks nobody for a document whose descriptor is over the limit", async () => {
  await using registry = startFakeRegistry();
  const reference = registry.push("team/app", "1", IMAGE);
  using open = openClient([registry.host], { maxDocumentBytes: 100 });
  await assert.rejects(
    open.client.fetchDocument(reference, { descriptor: ROOT }),
    withCode("document-too-large"),
  );
  assert.equal(registry.requests.length, 0);
});

Deno.test("RegistryClient.fetchDocument() asks again where a body breaks off, a few times", async () => {
  await using registry = startFakeRegistry({
    faults: [{ match: MANIFESTS, fault: cutAfter(10), times: 2 }],
  });
  const reference = registry.push("team/app", "1", IMAGE);
  using open = openClient([registry.host]);
  assert.equal(
    (await open.client.fetchDocument(reference)).descriptor.digest,
    ROOT.digest,
  );
  assert.equal(registry.requests.length, 3);
  registry.fault({ match: MANIFESTS, fault: cutAfter(10) });
  await assert.rejects(open.client.fetchDocument(reference), UnavailableError);
  assert.equal(registry.requests.length, 6);
});

const SCHEMA1 = "application/vnd.docker.distribution.manifest.v1+prettyjws";

Deno.test("RegistryClient.fetchDocument() says clearly that schema 1 is not read, though its digest seems wrong", async () => {
  const bytes = textBytes('{"schemaVersion":1,"fsLayers":[],"history":[]}');
  const image = buildRawDocument(bytes, SCHEMA1);
  await using registry = startFakeRegistry({
    faults: [{
      match: MANIFESTS,
      fault: setHeaders({
        "Docker-Content-Digest": digestOf(textBytes("payload")),
      }),
    }],
  });
  const reference = registry.push("team/app", "1", image);
  using open = openClient([registry.host]);
  for (const method of ["resolve", "fetchDocument"] as const) {
    await assert.rejects(open.client[method](reference), (error) => {
      assert.ok(error instanceof IntegrityError);
      assert.match(error.message, /schema 1/);
      assert.ok(error.hint);
      return true;
    });
  }
});

Deno.test("RegistryClient.fetchDocument() refuses a header that names another type than the document", async () => {
  await using registry = startFakeRegistry({
    faults: [{
      match: MANIFESTS,
      fault: setHeaders({
        "Content-Type": "application/vnd.oci.image.index.v1+json",
      }),
    }],
  });
  const reference = registry.push("team/app", "1", IMAGE);
  using open = openClient([registry.host]);
  await assert.rejects(
    open.client.fetchDocument(reference),
    withCode("document-invalid"),
  );
});

const inline = (bytes: Uint8Array, changes: object = {}): Descriptor => ({
  ...ROOT,
  data: bytes.toBase64(),
  ...changes,
});

Deno.test("RegistryClient.fetchDocument() takes the data of a descriptor and asks nobody", async () => {
  await using registry = startFakeRegistry();
  using open = openClient([registry.host]);
  const document = await open.client.fetchDocument(
    `${registry.host}/team/app:1`,
    {
      descriptor: inline(IMAGE.root.bytes),
    },
  );
  assert.deepEqual(document.bytes, IMAGE.root.bytes);
  assert.equal(registry.requests.length, 0);
});

Deno.test("RegistryClient.fetchDocument() trusts no data that its descriptor is not of", async () => {
  await using registry = startFakeRegistry();
  using open = openClient([registry.host]);
  const changed = IMAGE.root.bytes.slice();
  changed[0] = 32;
  const cases: readonly (readonly [Descriptor, string])[] = [
    [inline(changed), "digest-mismatch"],
    [inline(IMAGE.root.bytes.subarray(1)), "size-mismatch"],
    [inline(new Uint8Array([...IMAGE.root.bytes, 0, 0, 0])), "size-mismatch"],
    [{ ...ROOT, data: "" }, "size-mismatch"],
    [{ ...ROOT, data: "%%%%" }, "document-invalid"],
    [{ ...ROOT, data: "A".repeat(100_000_000) }, "size-mismatch"],
    [{ ...ROOT, data: "A", size: 100_000_000 }, "document-too-large"],
  ];
  for (const [descriptor, code] of cases) {
    await assert.rejects(
      open.client.fetchDocument(`${registry.host}/team/app:1`, { descriptor }),
      withCode(code),
    );
  }
  assert.equal(registry.requests.length, 0);
});
