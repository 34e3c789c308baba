import assert from "node:assert/strict";
import {
  buildArtifact,
  buildImage,
  buildMultiPlatform,
} from "../testing/image_builder.ts";
import { serveStore } from "./served_store.ts";

const alpine = buildImage({ layers: [{ files: { a: "alpine" } }] });
const app = buildImage({ layers: [{ files: { a: "app" } }] });
const [layer] = app.layers;
assert.ok(layer !== undefined);

async function digestServed(
  served: Awaited<ReturnType<typeof serveStore>>,
  path: string,
): Promise<string | null> {
  const response = await served.ask(path);
  await response.body?.cancel();
  return response.headers.get("docker-content-digest");
}

Deno.test("createStoreSource() serves a repository under each of its names", async () => {
  await using served = await serveStore({
    "docker.io/library/alpine:3.20": alpine,
    "ghcr.io/org/app:1": app,
    "localhost:5000/tool:2": app,
  });
  const cases: [string, string | null][] = [
    ["library/alpine/manifests/3.20", alpine.root.descriptor.digest],
    ["docker.io/library/alpine/manifests/3.20", alpine.root.descriptor.digest],
    ["docker.io/alpine/manifests/3.20", alpine.root.descriptor.digest],
    ["alpine/manifests/3.20", alpine.root.descriptor.digest],
    [
      "library/alpine/manifests/3.20?ns=docker.io",
      alpine.root.descriptor.digest,
    ],
    [
      "library/alpine/manifests/3.20?ns=index.docker.io",
      alpine.root.descriptor.digest,
    ],
    ["ghcr.io/org/app/manifests/1", app.root.descriptor.digest],
    ["org/app/manifests/1", app.root.descriptor.digest],
    ["org/app/manifests/1?ns=ghcr.io", app.root.descriptor.digest],
    ["tool/manifests/2", app.root.descriptor.digest],
    ["tool/manifests/2?ns=localhost:5000", app.root.descriptor.digest],
    ["org/app/manifests/1?ns=docker.io", null],
    ["org/app/manifests/1?ns=..%2f..", null],
    ["docker.io/org/app/manifests/1", null],
  ];
  for (const [path, expected] of cases) {
    assert.equal(await digestServed(served, `/v2/${path}`), expected, path);
  }
});

Deno.test("createStoreSource() refuses a bare name that several registries have, unless docker.io is one", async () => {
  await using served = await serveStore({
    "ghcr.io/org/app:1": app,
    "quay.io/org/app:1": app,
    "quay.io/org/both:1": app,
    "docker.io/org/both:1": alpine,
  });
  const response = await served.ask("/v2/org/app/manifests/1");
  assert.equal(response.status, 404);
  assert.deepEqual((await response.json()).errors, [{
    code: "NAME_UNKNOWN",
    message:
      "several registries have it, so name one: ghcr.io/org/app, quay.io/org/app",
  }]);
  assert.equal(
    await digestServed(served, "/v2/org/both/manifests/1"),
    alpine.root.descriptor.digest,
  );
});

Deno.test("createStoreSource() serves every document and blob of an index byte for byte", async () => {
  const image = buildMultiPlatform([
    { os: "linux", architecture: "amd64" },
    { os: "linux", architecture: "arm64" },
  ]);
  await using served = await serveStore({ "quay.io/org/app:1": image });
  for (
    const [kind, parts] of [
      ["manifests", image.documents],
      ["blobs", image.blobs],
    ] as const
  ) {
    for (const { descriptor, bytes } of parts) {
      const path = `/v2/org/app/${kind}/${descriptor.digest}`;
      const response = await served.ask(path);
      assert.deepEqual(await response.bytes(), bytes, path);
    }
  }
  assert.deepEqual(served.errors, []);
});

Deno.test("createStoreSource() tells nothing of a platform that is not stored", async () => {
  const image = buildMultiPlatform([
    { os: "linux", architecture: "amd64" },
    { os: "linux", architecture: "arm64" },
  ]);
  const [amd64, arm64] = image.images;
  assert.ok(amd64 !== undefined && arm64 !== undefined);
  await using served = await serveStore({});
  const { storeImage } = await import("../store/stored_fixture.ts");
  await storeImage(served.store, "quay.io/org/app:1", image, {
    images: [amd64],
  });
  const path = "/v2/org/app/manifests";
  assert.equal(
    await digestServed(served, `${path}/${amd64.root.descriptor.digest}`),
    amd64.root.descriptor.digest,
  );
  assert.equal(
    await served.fail(`${path}/${arm64.root.descriptor.digest}`),
    "404 MANIFEST_UNKNOWN",
  );
});

Deno.test("createStoreSource() serves content of the repositories that need it, and of no other", async () => {
  await using served = await serveStore({
    "ghcr.io/org/app:1": app,
    "ghcr.io/org/other:1": alpine,
  });
  const { digest } = layer.descriptor;
  const own = await served.ask(`/v2/ghcr.io/org/app/blobs/${digest}`);
  assert.deepEqual(await own.bytes(), layer.bytes);
  assert.equal(
    await served.fail(`/v2/ghcr.io/org/other/blobs/${digest}`),
    "404 BLOB_UNKNOWN",
  );
  const root = app.root.descriptor.digest;
  assert.equal(
    await served.fail(`/v2/ghcr.io/org/other/manifests/${root}`),
    "404 MANIFEST_UNKNOWN",
  );
});

Deno.test("createStoreSource() forgets what a reference needed once that is removed", async () => {
  await using served = await serveStore({ "ghcr.io/org/app:1": app });
  await served.store.removeImage("ghcr.io/org/app:1");
  for (
    const path of [
      "manifests/1",
      `blobs/${layer.descriptor.digest}`,
      "tags/list",
    ]
  ) {
    assert.equal(
      await served.fail(`/v2/ghcr.io/org/app/${path}`),
      "404 NAME_UNKNOWN",
    );
  }
});

Deno.test("createStoreSource() goes on with a blob that is pruned on its way", async () => {
  const big = buildImage({ layers: [{ randomBytes: 2_000_000 }] });
  const [blob] = big.layers;
  assert.ok(blob !== undefined);
  await using served = await serveStore({ "ghcr.io/org/app:1": big });
  const path = `/v2/org/app/blobs/${blob.descriptor.digest}`;
  const response = await served.ask(path);
  const { digest, size } = blob.descriptor;
  await Deno.remove(served.dir.join("blobs/sha256", digest.slice(7)));
  assert.equal((await response.bytes()).length, size);
  assert.equal(await served.fail(path), "404 BLOB_UNKNOWN");
});

Deno.test("createStoreSource() breaks a damaged blob off before its end, and then refuses it", async () => {
  const big = buildImage({ layers: [{ randomBytes: 1_000_000 }] });
  const [blob] = big.layers;
  assert.ok(blob !== undefined);
  await using served = await serveStore({ "ghcr.io/org/app:1": big });
  const { digest, size } = blob.descriptor;
  const file = served.dir.join("blobs/sha256", digest.slice(7));
  await Deno.chmod(file, 0o600);
  await Deno.writeFile(file, new Uint8Array(size));
  const path = `/v2/org/app/blobs/${digest}`;
  const response = await served.ask(path);
  assert.equal(response.status, 200);
  let received = 0;
  await assert.rejects(async () => {
    for await (const piece of response.body ?? []) received += piece.length;
  }, /Cannot serve blob/);
  assert.ok(received < size);
  assert.equal(await served.fail(path), "500 UNKNOWN");
  assert.match(String(served.errors[0]), /its bytes have digest/);
});

Deno.test("createStoreSource() refuses a blob of the wrong size at once", async () => {
  await using served = await serveStore({ "ghcr.io/org/app:1": app });
  const { digest } = layer.descriptor;
  const file = served.dir.join("blobs/sha256", digest.slice(7));
  await Deno.truncate(file, 3);
  const path = `/v2/org/app/blobs/${digest}`;
  assert.equal(await served.fail(path), "500 UNKNOWN");
  assert.match(String(served.errors[0]), /it has 3 bytes, not/);
});

Deno.test("createStoreSource() refuses a damaged manifest", async () => {
  await using served = await serveStore({ "ghcr.io/org/app:1": app });
  const { digest, size } = app.root.descriptor;
  const file = served.dir.join("blobs/sha256", digest.slice(7));
  await Deno.writeFile(file, new Uint8Array(size));
  assert.equal(await served.fail("/v2/org/app/manifests/1"), "500 UNKNOWN");
  assert.equal(served.errors.length, 1);
});

Deno.test("createStoreSource() lists tags and leaves out references by digest", async () => {
  const byDigest = `ghcr.io/org/app@${app.root.descriptor.digest}`;
  await using served = await serveStore({
    "ghcr.io/org/app:2": app,
    "ghcr.io/org/app:1": app,
    [byDigest]: app,
    [`ghcr.io/org/only@${app.root.descriptor.digest}`]: app,
    "ghcr.io/org/app2:9": app,
    "ghcr.io/org/app/sub:8": app,
  });
  const cases = { "org/app": ["1", "2"], "org/only": [], "org/app2": ["9"] };
  for (const [name, tags] of Object.entries(cases)) {
    const response = await served.ask(`/v2/${name}/tags/list`);
    assert.deepEqual(await response.json(), { name, tags });
  }
  const { digest } = app.root.descriptor;
  assert.equal(
    await digestServed(served, `/v2/org/only/manifests/${digest}`),
    digest,
  );
});

Deno.test("createStoreSource() lists repositories by names that fit into a path, in pages", async () => {
  await using served = await serveStore({
    "docker.io/library/alpine:3": alpine,
    "localhost:5000/tool:1": app,
    "ghcr.io/org/app:1": app,
    "ghcr.io/org/app:2": app,
  });
  const seen: string[] = [];
  let path: string | undefined = "/v2/_catalog?n=2";
  while (path !== undefined) {
    const response: Response = await served.ask(path);
    seen.push(...(await response.json()).repositories);
    path = /^<(.+)>; rel="next"$/.exec(response.headers.get("link") ?? "")?.[1];
  }
  assert.deepEqual(seen, [
    "docker.io/library/alpine",
    "ghcr.io/org/app",
    "tool",
  ]);
  for (const name of seen) {
    const response = await served.ask(`/v2/${name}/tags/list`);
    assert.equal(response.status, 200, name);
    await response.body?.cancel();
  }
});

Deno.test("createStoreSource() lists the referrers of a digest that are in the same repository", async () => {
  const subject = app.root.descriptor;
  const sbom = buildArtifact({ "a.json": "{}" }, {
    artifactType: "application/spdx+json",
    subject,
  });
  const signature = buildArtifact({ "a.sig": "x" }, {
    artifactType: "application/x-sig",
    subject,
  });
  const elsewhere = buildArtifact({ b: "y" }, {
    artifactType: "application/x-sig",
    subject,
  });
  await using served = await serveStore({
    "ghcr.io/org/app:1": app,
    [`ghcr.io/org/app@${sbom.root.descriptor.digest}`]: sbom,
    "ghcr.io/org/app:sig": signature,
    "ghcr.io/org/other:1": elsewhere,
  });
  const path = `/v2/org/app/referrers/${subject.digest}`;
  const all = await (await served.ask(path)).json();
  assert.deepEqual(
    all.manifests.map(({ digest }: { digest: string }) => digest).sort(),
    [sbom.root.descriptor.digest, signature.root.descriptor.digest].sort(),
  );
  const filtered = await served.ask(
    `${path}?artifactType=${encodeURIComponent("application/spdx+json")}`,
  );
  assert.equal(filtered.headers.get("oci-filters-applied"), "artifactType");
  assert.deepEqual((await filtered.json()).manifests, [{
    mediaType: sbom.root.descriptor.mediaType,
    digest: sbom.root.descriptor.digest,
    size: sbom.root.descriptor.size,
    artifactType: "application/spdx+json",
  }]);
  const none = await served.ask(
    `/v2/org/app/referrers/${sbom.root.descriptor.digest}`,
  );
  assert.deepEqual((await none.json()).manifests, []);
});
