import assert from "node:assert/strict";
import { DatabaseSync } from "node:sqlite";
import { Store } from "../../src/store/store.ts";
import {
  buildArtifact,
  buildImage,
  buildIndex,
  buildLayer,
  type TestImage,
} from "../testing/image_builder.ts";
import { tempDir } from "../testing/temp_dir.ts";
import { putBlobs, recordOf, storeImage } from "./stored_fixture.ts";

const ALPINE = "docker.io/library/alpine:3.20";
const OTHER = "ghcr.io/owner/other:latest";

const AMD64 = { os: "linux", architecture: "amd64" };
const ARM = { os: "linux", architecture: "arm", variant: "v7" };

Deno.test("recordImage() and findImage() tell of an image of one platform", async () => {
  await using dir = await tempDir();
  await using store = await Store.open(dir.path, { now: () => 1000 });
  const image = buildImage({ layers: [{}, {}], platform: ARM });
  await storeImage(store, ALPINE, image);
  const { root, config, layers } = image;
  const sizes = [root, config, ...layers].map(({ bytes }) => bytes.length);
  assert.deepEqual(store.findImage(ALPINE), {
    reference: ALPINE,
    digest: root.descriptor.digest,
    mediaType: root.descriptor.mediaType,
    size: root.bytes.length,
    sizeBytes: sizes.reduce((sum, size) => sum + size),
    layers: 2,
    createdAt: "2026-01-02T03:04:05Z",
    pulledAt: "1970-01-01T00:00:01.000Z",
    lastUsedAt: "1970-01-01T00:00:01.000Z",
    platforms: [{
      platform: ARM,
      manifestDigest: root.descriptor.digest,
      configDigest: config.descriptor.digest,
    }],
  });
  assert.deepEqual(store.listImages(), [store.findImage(ALPINE)]);
  assert.equal(store.findImage(OTHER), undefined);
});

Deno.test("listLayers() keeps the manifest's order, and a layer that stands twice", async () => {
  await using dir = await tempDir();
  await using store = await Store.open(dir.path);
  const [a, b] = [buildLayer({ seed: 1 }), buildLayer({ seed: 2 })];
  const image = buildImage({ layers: [b, a, b] });
  await storeImage(store, ALPINE, image);
  const [platform] = store.findImage(ALPINE)?.platforms ?? [];
  assert.ok(platform);
  assert.deepEqual(
    store.listLayers(platform.manifestDigest),
    [b, a, b].map(({ descriptor, diffId }) => ({
      digest: descriptor.digest,
      mediaType: descriptor.mediaType,
      size: descriptor.size,
      diffId,
    })),
  );
  assert.equal(store.findImage(ALPINE)?.layers, 2);
});

Deno.test("one image's word on a layer is not another's", async () => {
  await using dir = await tempDir();
  await using store = await Store.open(dir.path);
  const layer = buildLayer({ seed: 1 });
  const mediaType = "application/vnd.oci.image.layer.v1.tar+zstd";
  const diffId = `sha256:${"5".repeat(64)}`;
  const honest = buildImage({ layers: [layer] });
  const hostile = buildImage({
    layers: [layer],
    diffIds: [diffId],
    layerDescriptor: (descriptor) => ({ ...descriptor, mediaType }),
  });
  await storeImage(store, ALPINE, honest);
  await storeImage(store, OTHER, hostile);
  const told = [ALPINE, OTHER].map((reference) => {
    const [platform] = store.findImage(reference)?.platforms ?? [];
    const [first] = platform ? store.listLayers(platform.manifestDigest) : [];
    return [first?.mediaType, first?.diffId];
  });
  assert.deepEqual(told, [
    [layer.descriptor.mediaType, layer.diffId],
    [mediaType, diffId],
  ]);
});

Deno.test("a second pull of the same image adds no row, and only its times change", async () => {
  await using dir = await tempDir();
  await using store = await Store.open(dir.path);
  const image = buildIndex([
    buildImage({ platform: AMD64 }),
    buildImage({ platform: ARM, layers: [{ seed: 9 }] }),
  ]);
  await storeImage(store, ALPINE, image, { pulledAtMs: 1000 });
  const before = countRows(dir.join("oci.db"));
  const first = store.findImage(ALPINE);
  await storeImage(store, ALPINE, image, { pulledAtMs: 2000 });
  assert.deepEqual(countRows(dir.join("oci.db")), before);
  const pulledAt = "1970-01-01T00:00:02.000Z";
  assert.deepEqual(store.findImage(ALPINE), {
    ...first,
    pulledAt,
    lastUsedAt: pulledAt,
  });
});

Deno.test("a moved tag names its new image, with nothing of the old one", async () => {
  await using dir = await tempDir();
  await using store = await Store.open(dir.path);
  const [old, young] = [
    buildIndex([
      buildImage({ platform: AMD64 }),
      buildImage({ platform: ARM }),
    ]),
    buildImage({ layers: [{ seed: 7 }] }),
  ];
  await storeImage(store, ALPINE, old);
  await storeImage(store, ALPINE, young);
  const image = store.findImage(ALPINE);
  assert.equal(image?.digest, young.root.descriptor.digest);
  assert.deepEqual(
    image.platforms.map(({ manifestDigest }) => manifestDigest),
    [young.root.descriptor.digest],
  );
  assert.equal(store.listImages().length, 1);
});

Deno.test("an index gains platforms while its digest stays", async () => {
  await using dir = await tempDir();
  await using store = await Store.open(dir.path);
  const images = [
    buildImage({ platform: AMD64, layers: [{ seed: 1 }, { seed: 2 }] }),
    buildImage({ platform: ARM, layers: [{ seed: 1 }, { seed: 3 }] }),
  ] as const;
  const index = buildIndex(images);
  await storeImage(store, ALPINE, index, { images: [images[1]] });
  assert.deepEqual(platformsOf(store), [ARM]);
  assert.equal(store.findImage(ALPINE)?.layers, 2);
  await storeImage(store, ALPINE, index, { images: [images[0]] });
  assert.deepEqual(platformsOf(store), [ARM, AMD64]);
  const stored = store.findImage(ALPINE);
  assert.equal(stored?.layers, 3);
  assert.equal(stored.sizeBytes, distinctBytes(images));
});

Deno.test("sharedBytes() counts what more than one image needs, once", async () => {
  await using dir = await tempDir();
  await using store = await Store.open(dir.path);
  const shared = buildLayer({ seed: 1 });
  const own = buildLayer({ seed: 2 });
  await storeImage(store, ALPINE, buildImage({ layers: [shared, shared] }));
  assert.equal(store.space.sharedBytes(), 0);
  await storeImage(store, OTHER, buildImage({ layers: [shared, own] }));
  assert.equal(store.space.sharedBytes(), shared.bytes.length);
});

Deno.test("recordImage() records an artifact, whose config is no image config", async () => {
  await using dir = await tempDir();
  await using store = await Store.open(dir.path);
  await storeImage(store, OTHER, buildArtifact({ "a.txt": "hello" }));
  const image = store.findImage(OTHER);
  assert.equal(image?.layers, 1);
  assert.equal(image.createdAt, undefined);
});

Deno.test("recordImage() keeps text that is no date as it came", async () => {
  await using dir = await tempDir();
  await using store = await Store.open(dir.path);
  const created = "yesterday \u001b[31m'; DROP TABLE images; --";
  await storeImage(store, ALPINE, buildImage({ config: { created } }));
  assert.equal(store.findImage(ALPINE)?.createdAt, created);
});

Deno.test("recordImage() refuses an image with a blob that is not in the store", async () => {
  await using dir = await tempDir();
  await using store = await Store.open(dir.path);
  const image = buildImage({ layers: [{}, {}] });
  const all = [image.root, image.config, ...image.layers];
  for (const left of all) {
    await putBlobs(store, all.filter((blob) => blob !== left));
    await assert.rejects(store.recordImage(recordOf(ALPINE, image)), {
      name: "LocalError",
      code: "store-damaged",
      details: { reference: ALPINE, digest: left.descriptor.digest },
    });
    assert.equal(store.findImage(ALPINE), undefined);
    for (const { descriptor } of all) {
      await Deno.remove(
        dir.join("blobs", descriptor.digest.replace(":", "/")),
      ).catch(() => {});
    }
  }
});

Deno.test("touchImage() notes the use, removeImage() forgets, and both say whether it was there", async () => {
  await using dir = await tempDir();
  let now = 1000;
  await using store = await Store.open(dir.path, { now: () => now });
  const image = buildImage();
  await storeImage(store, ALPINE, image);
  now = 5000;
  assert.equal(store.touchImage(ALPINE), true);
  assert.equal(store.touchImage(OTHER), false);
  const stored = store.findImage(ALPINE);
  assert.equal(stored?.lastUsedAt, "1970-01-01T00:00:05.000Z");
  assert.equal(stored.pulledAt, "1970-01-01T00:00:01.000Z");
  assert.equal(await store.removeImage(ALPINE), true);
  assert.equal(await store.removeImage(ALPINE), false);
  assert.deepEqual(store.listImages(), []);
  // What it needed stays until it is pruned, so a pull of it moves nothing.
  const { digest } = recordOf(ALPINE, image).root;
  assert.equal(await store.hasBlob({ digest }), true);
  await store.recordImage(recordOf(ALPINE, image));
  assert.equal(store.findImage(ALPINE)?.layers, 1);
});

Deno.test("the rows can be asked as the contract says, and nothing dangles", async () => {
  await using dir = await tempDir();
  await using store = await Store.open(dir.path);
  const image = buildImage({
    config: {
      config: {
        Env: ["A=1"],
        Cmd: ["run"],
        Entrypoint: ["/init"],
        WorkingDir: "/w",
        User: "7",
        Volumes: { "/v": {} },
        ExposedPorts: { "80/tcp": {} },
        Labels: { a: "b" },
        StopSignal: "SIGINT",
      },
    },
  });
  await storeImage(store, ALPINE, buildIndex([image]));
  using database = new DatabaseSync(dir.join("oci.db"));
  const row = database.prepare(`
    SELECT c.os, c.architecture, c.env, c.cmd, c.entrypoint, c.working_dir, c.user,
      c.volumes, c.exposed_ports, c.labels, c.stop_signal, c.created,
      c.diff_ids ->> 0 AS diff_id, l.size, e.position
    FROM images i
    JOIN indexes x ON x.digest = i.index_digest
    JOIN index_manifests im ON im.index_digest = x.digest
    JOIN manifests m ON m.digest = im.manifest_digest
    JOIN configs c ON c.digest = m.config_digest
    JOIN manifest_layers e ON e.manifest_digest = m.digest
    JOIN layers l ON l.digest = e.layer_digest
    WHERE i.reference = ?`).get(ALPINE);
  assert.deepEqual({ ...row }, {
    os: "linux",
    architecture: "amd64",
    env: '["A=1"]',
    cmd: '["run"]',
    entrypoint: '["/init"]',
    working_dir: "/w",
    user: "7",
    volumes: '["/v"]',
    exposed_ports: '["80/tcp"]',
    labels: '{"a":"b"}',
    stop_signal: "SIGINT",
    created: "2026-01-02T03:04:05Z",
    diff_id: image.layers[0]?.diffId,
    size: image.layers[0]?.bytes.length,
    position: 0,
  });
  assert.deepEqual(database.prepare("PRAGMA foreign_key_check").all(), []);
  assert.throws(
    () => database.exec("DELETE FROM manifests"),
    /FOREIGN KEY constraint failed/,
  );
});

function platformsOf(store: Store) {
  return store.findImage(ALPINE)?.platforms.map(({ platform }) => platform);
}

function distinctBytes(images: readonly TestImage[]): number {
  const blobs = images.flatMap(({ root, config, layers }) => [
    root,
    config,
    ...layers,
  ]);
  const sizes = new Map(
    blobs.map(({ descriptor, bytes }) => [descriptor.digest, bytes.length]),
  );
  return sizes.values().reduce((sum, size) => sum + size, 0);
}

function countRows(path: string): Record<string, unknown> {
  using database = new DatabaseSync(path);
  const tables = database.prepare(
    "SELECT name FROM sqlite_schema WHERE type = 'table' ORDER BY name",
  ).all().map(({ name }) => String(name));
  return Object.fromEntries(tables.map((table) => [
    table,
    database.prepare(`SELECT count(*) AS n FROM "${table}"`).get()?.["n"],
  ]));
}
