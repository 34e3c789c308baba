import assert from "node:assert/strict";
import { gunzipSync } from "node:zlib";
import {
  buildArtifact,
  buildImage,
  buildIndex,
  buildLayer,
  buildMultiPlatform,
  type TestImage,
} from "./image_builder.ts";
import { digestOf } from "./test_bytes.ts";

function parse(image: TestImage) {
  return JSON.parse(new TextDecoder().decode(image.root.bytes));
}

Deno.test("buildImage() gives every part its right digest, and the same bytes each time", () => {
  const image = buildImage({
    layers: [{ randomBytes: 1000, seed: 9 }, { compression: "none" }],
  });
  for (const { descriptor, bytes } of [image.root, ...image.blobs]) {
    assert.equal(descriptor.digest, digestOf(bytes));
    assert.equal(descriptor.size, bytes.length);
  }
  const [first, second] = image.layers;
  assert.equal(first?.diffId, digestOf(gunzipSync(first?.bytes ?? "")));
  assert.equal(second?.diffId, second?.descriptor.digest);
  const again = buildImage({
    layers: [{ randomBytes: 1000, seed: 9 }, { compression: "none" }],
  });
  assert.equal(again.root.descriptor.digest, image.root.descriptor.digest);
  assert.notEqual(
    buildLayer({ randomBytes: 9, seed: 2 }).diffId,
    buildLayer({ randomBytes: 9 }).diffId,
  );
});

Deno.test("buildImage() makes wrong images where it is asked to", () => {
  const image = buildImage({
    diffIds: [],
    layerDescriptor: (descriptor) => ({ ...descriptor, size: -1 }),
    manifest: { manifests: [], config: undefined },
  });
  const manifest = parse(image);
  assert.deepEqual(
    manifest.layers.map((layer: { size: number }) => layer.size),
    [-1],
  );
  assert.deepEqual(manifest.manifests, []);
  assert.ok(!("config" in manifest));
  assert.match(new TextDecoder().decode(image.config.bytes), /"diff_ids":\[\]/);
});

Deno.test("buildMultiPlatform() and buildIndex() add attestations that say unknown", () => {
  const index = buildMultiPlatform([{ os: "linux", architecture: "arm64" }], {
    attestations: true,
  });
  const platforms = parse(index).manifests.map((entry: { platform: unknown }) =>
    entry.platform
  );
  assert.deepEqual(platforms, [
    { os: "linux", architecture: "arm64" },
    { os: "unknown", architecture: "unknown" },
  ]);
  assert.equal(index.documents.length, 3);
  assert.equal(
    parse(buildIndex([buildImage({ algorithm: "sha512" })])).manifests.length,
    1,
  );
});

Deno.test("buildArtifact() has a config that is no image config", () => {
  const manifest = parse(buildArtifact({ "a.txt": "hello" }));
  assert.equal(manifest.config.mediaType, "application/vnd.oci.empty.v1+json");
  assert.equal(
    manifest.layers[0].annotations["org.opencontainers.image.title"],
    "a.txt",
  );
});
