import assert from "node:assert/strict";
import { gunzipSync } from "node:zlib";
import { createSampleImage } from "../../src/serve/sample_image.ts";
import { digestOf } from "../testing/test_bytes.ts";

function parse(bytes: Uint8Array) {
  return JSON.parse(new TextDecoder().decode(bytes));
}

Deno.test("createSampleImage() is the same each time, with right digests and sizes", () => {
  const image = createSampleImage();
  assert.equal(
    createSampleImage().root.descriptor.digest,
    image.root.descriptor.digest,
  );
  for (const { descriptor, bytes } of [...image.documents, ...image.blobs]) {
    assert.equal(descriptor.digest, digestOf(bytes));
    assert.equal(descriptor.size, bytes.length);
  }
});

Deno.test("createSampleImage() has three platforms that share two of three layers", () => {
  const image = createSampleImage({ noiseBytes: 1001 });
  const index = parse(image.root.bytes);
  const parts = new Map(
    [...image.documents, ...image.blobs].map((part) =>
      [part.descriptor.digest as string, part.bytes] as const
    ),
  );
  const read = (digest: string) => parts.get(digest) ?? new Uint8Array();
  const layers: string[][] = [];
  for (const entry of index.manifests) {
    const manifest = parse(read(entry.digest));
    const config = parse(read(manifest.config.digest));
    const { os, architecture, variant } = config;
    assert.deepEqual(
      { os, architecture, ...variant === undefined ? {} : { variant } },
      entry.platform,
    );
    const digests = manifest.layers.map((layer: { digest: string }) =>
      layer.digest
    );
    layers.push(digests);
    assert.deepEqual(
      config.rootfs.diff_ids,
      digests.map((digest: string) => digestOf(gunzipSync(read(digest)))),
    );
  }
  assert.equal(layers.length, 3);
  assert.equal(new Set(layers.flat()).size, 2 + 3);
});
