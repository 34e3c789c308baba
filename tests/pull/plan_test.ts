import assert from "node:assert/strict";
import { IntegrityError } from "../../src/errors.ts";
import { planPull, sumSizes } from "../../src/pull/plan.ts";
import type { ManifestDocument } from "../../src/spec/manifest.ts";
import type { Descriptor } from "../../src/spec/descriptor.ts";
import {
  OCI_CONFIG,
  OCI_EMPTY,
  OCI_LAYER,
  OCI_MANIFEST,
} from "../../src/spec/media_type.ts";

function descriptor(
  mark: string,
  size: number,
  mediaType: string = OCI_LAYER,
): Descriptor {
  return { mediaType, digest: `sha256:${mark.repeat(64)}`, size };
}

function manifest(
  mark: string,
  config: Descriptor,
  layers: readonly Descriptor[],
): ManifestDocument {
  return {
    kind: "manifest",
    descriptor: descriptor(mark, 500, OCI_MANIFEST),
    bytes: new Uint8Array(),
    manifest: { schemaVersion: 2, mediaType: OCI_MANIFEST, config, layers },
  };
}

function plan(...documents: readonly ManifestDocument[]) {
  const [root] = documents;
  assert.ok(root);
  return planPull({
    root,
    indexes: [],
    manifests: documents.map((document) => ({ document })),
  });
}

const CONFIG = descriptor("c", 30, OCI_CONFIG);

Deno.test("planPull() takes each blob once, whichever platforms share it", () => {
  const [a, b] = [descriptor("a", 100), descriptor("b", 200)];
  const { documents, blobs, bytesTotal } = plan(
    manifest("1", CONFIG, [a, a, b]),
    manifest("2", CONFIG, [b]),
  );
  assert.deepEqual(blobs, [a, b]);
  assert.deepEqual(documents.map(({ size }) => size), [500, 30, 500]);
  assert.equal(bytesTotal, 500 + 500 + 30 + 100 + 200);
});

Deno.test("planPull() transfers an artifact's config like a layer", () => {
  const config = descriptor("e", 2, OCI_EMPTY);
  assert.deepEqual(plan(manifest("1", config, [])).blobs, [config]);
});

Deno.test("planPull() does not transfer a layer that is a document, too", () => {
  const layer = { ...CONFIG, mediaType: OCI_LAYER };
  const { blobs, bytesTotal } = plan(manifest("1", CONFIG, [layer]));
  assert.deepEqual(blobs, []);
  assert.equal(bytesTotal, 530);
});

Deno.test("planPull() refuses a digest of two sizes", () => {
  const cases = [
    [descriptor("a", 1), descriptor("a", 2)],
    [descriptor("c", 31)],
  ];
  for (const layers of cases) {
    assert.throws(() => plan(manifest("1", CONFIG, layers)), IntegrityError);
  }
});

Deno.test("sumSizes() adds up", () => {
  assert.equal(sumSizes([]), 0);
  assert.equal(sumSizes([descriptor("a", 1), descriptor("b", 2)]), 3);
});
