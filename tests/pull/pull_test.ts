import assert from "node:assert/strict";
import { IntegrityError, NotFoundError } from "../../src/errors.ts";
import { pull } from "../../src/pull/pull.ts";
import { RegistryClient } from "../../src/registry/registry_client.ts";
import { parseDigest } from "../../src/spec/digest.ts";
import type { Store } from "../../src/store/store.ts";
import {
  buildArtifact,
  buildImage,
  buildIndex,
  buildMultiPlatform,
  type TestBlob,
} from "../testing/image_builder.ts";
import { rawResponse } from "../testing/raw_response.ts";
import { startRawServer } from "../testing/raw_server.ts";
import { AMD64, startKit } from "./pull_kit.ts";

const ARM64 = { os: "linux", architecture: "arm64" };

Deno.test("pull() stores an image and says what it brought", async () => {
  await using kit = await startKit();
  const image = buildImage({ layers: [{ randomBytes: 50_000 }, {}] });
  const reference = kit.registry.push("team/app", "v1", image);
  const { elapsedMs, ...result } = await kit.pull(reference);
  assert.ok(elapsedMs >= 0);
  const total = [image.root, ...image.blobs].reduce(
    (sum, { bytes }) => sum + bytes.length,
    0,
  );
  assert.deepEqual(result, {
    reference,
    digest: image.root.descriptor.digest,
    platforms: [{
      platform: "linux/amd64",
      manifestDigest: image.root.descriptor.digest,
      configDigest: image.config.descriptor.digest,
      layers: image.layers.map(({ descriptor, diffId }) => ({
        digest: descriptor.digest,
        diffId,
        mediaType: descriptor.mediaType,
        size: descriptor.size,
        status: "downloaded",
      })),
    }],
    bytesTotal: total,
    bytesDownloaded: total,
    bytesReused: 0,
  });
  await kit.assertStored(image, { ...result, elapsedMs });
});

Deno.test("pull() sends one request for each document and blob, and no HEAD", async () => {
  await using kit = await startKit();
  const reference = kit.registry.push(
    "a",
    "b",
    buildMultiPlatform([AMD64, ARM64]),
  );
  await kit.pull(reference);
  const requests = kit.registry.requests.filter(({ method }) =>
    /^[A-Z]+$/.test(method)
  );
  assert.deepEqual(requests.map(({ method }) => method), [
    "GET",
    "GET",
    "GET",
    "GET",
  ]);
});

Deno.test("pull() of what is up to date asks once and touches no blob", async () => {
  await using kit = await startKit();
  const image = buildImage();
  const reference = kit.registry.push("a", "b", image);
  await kit.pull(reference);
  kit.registry.clear();
  const result = await kit.pull(reference);
  assert.deepEqual(kit.registry.requests.map(({ method }) => method), ["HEAD"]);
  assert.equal(result.bytesDownloaded, 0);
  assert.equal(result.bytesReused, result.bytesTotal);
  assert.equal(result.platforms[0]?.layers[0]?.status, "reused");
  await kit.assertStored(image, result);
});

Deno.test("pull() by a digest that is recorded asks nobody", async () => {
  await using kit = await startKit();
  const reference = kit.registry.push("a", "", buildImage());
  await kit.pull(reference);
  kit.registry.clear();
  await kit.pull(reference);
  assert.deepEqual(kit.registry.requests, []);
});

Deno.test("pull() by a digest that another repository brought asks for this one", async () => {
  await using kit = await startKit();
  const image = buildImage();
  await kit.pull(kit.registry.push("a", "", image));
  const elsewhere = `${kit.registry.host}/b@${image.root.descriptor.digest}`;
  await assert.rejects(kit.pull(elsewhere), NotFoundError);
  kit.registry.push("b", "", image);
  kit.registry.clear();
  await kit.assertStored(image, await kit.pull(elsewhere));
  assert.deepEqual(kit.registry.requests.map(({ method }) => method), ["HEAD"]);
});

Deno.test("pull() follows a tag that moved, and fetches only what is new", async () => {
  await using kit = await startKit();
  const first = buildImage({ layers: [{ seed: 1 }] });
  const second = buildImage({
    layers: [{ seed: 1 }, { seed: 2, randomBytes: 10 }],
  });
  const reference = kit.registry.push("a", "b", first);
  await kit.pull(reference);
  kit.registry.push("a", "b", second);
  const result = await kit.pull(reference);
  const statuses = result.platforms[0]?.layers.map(({ status }) => status);
  assert.deepEqual(statuses, ["reused", "downloaded"]);
  await kit.assertStored(second, result);
});

Deno.test("pull() fetches a blob that went missing from a recorded image", async () => {
  await using kit = await startKit();
  const image = buildImage({
    layers: [{ seed: 1 }, { seed: 2, randomBytes: 10 }],
  });
  const reference = kit.registry.push("a", "b", image);
  await kit.pull(reference);
  const [layer] = image.layers;
  await kit.store.dropBlob(parseDigest(layer?.descriptor.digest ?? ""));
  const result = await kit.pull(reference);
  assert.deepEqual(result.platforms[0]?.layers.map(({ status }) => status), [
    "downloaded",
    "reused",
  ]);
  await kit.assertStored(image, result);
});

Deno.test("pull() replaces a stored document that is damaged", async () => {
  await using kit = await startKit();
  const image = buildImage();
  const reference = kit.registry.push("a", "b", image);
  await kit.pull(reference);
  for (const { descriptor, bytes } of [image.root, image.config]) {
    const path = kit.store.blobPath(parseDigest(descriptor.digest));
    await Deno.chmod(path, 0o644);
    await Deno.writeFile(path, bytes.toReversed());
  }
  await kit.assertStored(image, await kit.pull(reference));
});

Deno.test("pull({ force }) asks again and replaces damaged blobs only", async () => {
  await using kit = await startKit();
  const image = buildImage({
    layers: [{ seed: 1 }, { seed: 2, randomBytes: 10 }],
  });
  const reference = kit.registry.push("a", "", image);
  await kit.pull(reference);
  const [layer] = image.layers;
  const path = kit.store.blobPath(parseDigest(layer?.descriptor.digest ?? ""));
  await Deno.chmod(path, 0o644);
  await Deno.writeFile(path, layer?.bytes.toReversed() ?? new Uint8Array());
  kit.registry.clear();
  const result = await kit.pull(reference, { force: true });
  assert.deepEqual(kit.registry.requests.map(({ method }) => method), [
    "HEAD",
    "GET",
  ]);
  assert.equal(result.bytesDownloaded, layer?.bytes.length);
  await kit.assertStored(image, result);
});

Deno.test("pull({ dryRun }) tells what would be downloaded and stores nothing", async () => {
  await using kit = await startKit();
  const base = buildImage({ layers: [{ seed: 1 }] });
  await kit.pull(kit.registry.push("a", "base", base));
  const image = buildImage({
    layers: [{ seed: 1 }, { seed: 2, randomBytes: 99 }],
  });
  const reference = kit.registry.push("a", "b", image);
  kit.registry.clear();
  const result = await kit.pull(reference, { dryRun: true });
  const statuses = result.platforms[0]?.layers.map(({ status }) => status);
  assert.deepEqual(statuses, ["reused", "downloaded"]);
  assert.equal(kit.store.findImage(reference), undefined);
  for (
    const { descriptor } of [image.root, image.config, ...image.layers.slice(1)]
  ) {
    assert.equal(
      await kit.store.hasBlob({ digest: parseDigest(descriptor.digest) }),
      false,
    );
  }
  assert.equal(kit.registry.blobRequests.length, 1); // the config
});

Deno.test("pull({ dryRun }) announces only what an interrupted pull left to download", async () => {
  await using kit = await startKit();
  const image = buildImage({
    layers: [{ seed: 1, randomBytes: 90_000 }, { seed: 2, randomBytes: 50 }],
  });
  const reference = kit.registry.push("a", "b", image);
  const [big, small] = image.layers.map(({ descriptor }) => descriptor);
  assert.ok(big && small);
  await keepRanges(kit.store, big, [[0, 20_000], [40_000, 50_000]]);
  const result = await kit.pull(reference, { dryRun: true });
  assert.equal(result.bytesReused, 30_000);
  const statuses = result.platforms[0]?.layers.map(({ status }) => status);
  assert.deepEqual(statuses, ["resumed", "downloaded"]);
  const [plan] = kit.eventsOf("plan");
  assert.equal(plan?.bytesKept, 30_000);
  assert.equal(plan?.bytes, big.size + small.size);
  await kit.pull(reference);
  assert.deepEqual(kit.store.space.listPartials(), []);
});

/** Leaves a partial blob, as an interrupted pull does. */
async function keepRanges(
  store: Store,
  descriptor: { readonly digest: string; readonly size: number },
  ranges: readonly (readonly [start: number, end: number])[],
): Promise<void> {
  const { digest, size } = descriptor;
  const key = { digest: parseDigest(digest), size };
  await using ingest = await store.openIngest(key);
  for (const [start, end] of ranges) {
    await ingest?.writeAt(start, new Uint8Array(end - start));
  }
}

Deno.test("pull() chooses the platform, and says which there are when none fits", async () => {
  await using kit = await startKit();
  const reference = kit.registry.push(
    "a",
    "b",
    buildMultiPlatform([AMD64, ARM64]),
  );
  const result = await kit.pull(reference, { platforms: [ARM64] });
  assert.deepEqual(result.platforms.map(({ platform }) => platform), [
    "linux/arm64",
  ]);
  await assert.rejects(
    kit.pull(reference, {
      platforms: [{ os: "windows", architecture: "amd64" }],
    }),
    (error) =>
      error instanceof NotFoundError && error.code === "platform-not-found" &&
      error.message.endsWith("it exists for linux/amd64, linux/arm64"),
  );
});

Deno.test("pull() of several platforms keeps their order, and each manifest once", async () => {
  await using kit = await startKit();
  const image = buildMultiPlatform([AMD64, ARM64]);
  const reference = kit.registry.push("a", "b", image);
  const result = await kit.pull(reference, {
    platforms: [ARM64, AMD64, ARM64],
  });
  assert.deepEqual(result.platforms.map(({ platform }) => platform), [
    "linux/arm64",
    "linux/amd64",
  ]);
  await kit.assertStored(image, result);
});

Deno.test("pull({ allPlatforms }) takes every image below nested indexes", async () => {
  await using kit = await startKit();
  const inner = buildMultiPlatform([{ os: "linux", architecture: "s390x" }]);
  const image = buildIndex([buildImage(), inner]);
  const reference = kit.registry.push("a", "b", image);
  const result = await kit.pull(reference, { allPlatforms: true });
  assert.deepEqual(result.platforms.map(({ platform }) => platform), [
    "linux/amd64",
    "linux/s390x",
  ]);
  await kit.assertStored(image, result);
});

Deno.test("pull() closes the client that it makes itself", async () => {
  await using kit = await startKit();
  const reference = kit.registry.push("a", "1", buildImage());
  let disposed = 0;
  const dispose = RegistryClient.prototype[Symbol.dispose];
  RegistryClient.prototype[Symbol.dispose] = function (): void {
    disposed++;
    dispose.call(this);
  };
  try {
    await pull(reference, { store: kit.store, platforms: [AMD64] });
  } finally {
    RegistryClient.prototype[Symbol.dispose] = dispose;
  }
  assert.equal(disposed, 1);
});

Deno.test("pull() searches nested indexes once, however often they list each other", async () => {
  await using kit = await startKit();
  let image = buildImage();
  for (let depth = 0; depth < 4; depth++) {
    image = buildIndex(Array<typeof image>(100).fill(image));
  }
  const reference = kit.registry.push("a", "1", image);
  const { platforms } = await kit.pull(reference, { allPlatforms: true });
  assert.equal(platforms.length, 1);
  await assert.rejects(
    kit.pull(reference, { platforms: [{ os: "plan9", architecture: "mips" }] }),
    { code: "platform-not-found" },
  );
});

Deno.test("pull() finds a platform in a nested index that names none", async () => {
  await using kit = await startKit();
  const image = buildIndex([
    buildMultiPlatform([ARM64]),
    buildMultiPlatform([AMD64]),
  ]);
  const reference = kit.registry.push("a", "b", image);
  const result = await kit.pull(reference);
  assert.deepEqual(result.platforms.map(({ platform }) => platform), [
    "linux/amd64",
  ]);
});

Deno.test("pull() follows indexes no deeper than is sensible", async () => {
  await using kit = await startKit();
  let image = buildImage();
  for (let depth = 0; depth < 8; depth++) image = buildIndex([image]);
  const reference = kit.registry.push("a", "b", image);
  for (const allPlatforms of [true, false]) {
    await assert.rejects(kit.pull(reference, { allPlatforms }), {
      code: "document-invalid",
      message: /nested more than 4 deep/,
    });
  }
});

Deno.test("pull() warns of a single image that is for another machine", async () => {
  await using kit = await startKit();
  const image = buildImage({ platform: { os: "plan9", architecture: "mips" } });
  const reference = kit.registry.push("a", "b", image);
  const result = await kit.pull(reference, { platforms: undefined as never });
  assert.equal(kit.eventsOf("warning").length, 1);
  assert.match(
    kit.eventsOf("warning")[0]?.message ?? "",
    /it is for plan9\/mips/,
  );
  await kit.assertStored(image, result);
});

Deno.test("pull() refuses a single image that is not for the platform named", async () => {
  await using kit = await startKit();
  const reference = kit.registry.push("a", "b", buildImage());
  await assert.rejects(kit.pull(reference, { platforms: [ARM64] }), {
    code: "platform-not-found",
  });
  assert.equal(kit.store.findImage(reference), undefined);
});

Deno.test("pull() takes a config without a variant for the platform named", async () => {
  await using kit = await startKit();
  const platform = { os: "linux", architecture: "arm" };
  const reference = kit.registry.push("a", "b", buildImage({ platform }));
  const result = await kit.pull(reference, {
    platforms: [{ ...platform, variant: "v6" }],
  });
  assert.equal(result.platforms[0]?.platform, "linux/arm");
});

Deno.test("pull() stores an artifact as it is", async () => {
  await using kit = await startKit();
  const image = buildArtifact({ "chart.tgz": "data" });
  const reference = kit.registry.push("charts/x", "1", image);
  const result = await kit.pull(reference);
  assert.equal(result.platforms[0]?.platform, "unknown/unknown");
  assert.ok(result.platforms[0]?.layers.every((layer) => !("diffId" in layer)));
  await kit.assertStored(image, result);
});

Deno.test("pull() refuses an image whose counts of layers and diff_ids differ", async () => {
  await using kit = await startKit();
  const reference = kit.registry.push("a", "b", buildImage({ diffIds: [] }));
  await assert.rejects(kit.pull(reference), IntegrityError);
  assert.equal(kit.store.findImage(reference), undefined);
});

Deno.test("pull() refuses one digest with two sizes", async () => {
  await using kit = await startKit();
  const { layers: [layer] } = buildImage();
  assert.ok(layer);
  const image = buildImage({
    layers: [layer, layer],
    layerDescriptor: (descriptor, index) => ({
      ...descriptor,
      size: descriptor.size + index,
    }),
  });
  const reference = kit.registry.push("a", "b", image);
  await assert.rejects(kit.pull(reference), { code: "size-mismatch" });
});

Deno.test("pull() fetches a layer that stands twice once", async () => {
  await using kit = await startKit();
  const { layers: [layer] } = buildImage();
  assert.ok(layer);
  const image = buildImage({ layers: [layer, layer] });
  const result = await kit.pull(kit.registry.push("a", "b", image));
  assert.equal(result.platforms[0]?.layers.length, 2);
  assert.equal(kit.registry.blobRequests.length, 2);
  await kit.assertStored(image, result);
});

Deno.test("pull() takes layers from the data of their descriptors, checked", async () => {
  await using kit = await startKit();
  const data = (bytes: Uint8Array) => ({ data: bytes.toBase64() });
  const { layers: [layer] } = buildImage();
  assert.ok(layer);
  const image = buildImage({
    layers: [layer],
    layerDescriptor: (descriptor) => ({ ...descriptor, ...data(layer.bytes) }),
  });
  const result = await kit.pull(kit.registry.push("a", "b", image));
  assert.equal(kit.registry.blobRequests.length, 1);
  await kit.assertStored(image, result);
  const wrong = buildImage({
    layers: [{ seed: 9, randomBytes: 5 }],
    layerDescriptor: (descriptor) => ({ ...descriptor, ...data(layer.bytes) }),
  });
  await assert.rejects(
    kit.pull(kit.registry.push("a", "wrong", wrong)),
    IntegrityError,
  );
});

Deno.test("pull() leaves out a layer that may not be distributed and is not there", async () => {
  await using kit = await startKit();
  const mediaType = "application/vnd.docker.image.rootfs.foreign.diff.tar.gzip";
  const image = buildImage({ flavor: "docker", layers: [{ mediaType }, {}] });
  const [layer] = image.layers;
  const reference = kit.registry.push("a", "b", image);
  kit.registry.content.remove("a", layer?.descriptor.digest ?? "");
  await kit.pull(reference);
  assert.match(
    kit.eventsOf("warning")[0]?.message ?? "",
    /may not be distributed/,
  );
  assert.ok(kit.store.findImage(reference));
});

Deno.test("pull() takes a foreign layer from its URL, a part where a part is missing", async () => {
  await using kit = await startKit();
  const mediaType = "application/vnd.docker.image.rootfs.foreign.diff.tar.gzip";
  const made = buildImage({ layers: [{ mediaType, randomBytes: 300_000 }] });
  const [{ bytes, descriptor }] = made.layers as unknown as [TestBlob];
  await using elsewhere = startRawServer(({ headers }) => {
    const range = headers.get("range");
    if (range === null) {
      return { ...rawResponse(200, {}, bytes), cutAfter: 200_000 };
    }
    const start = Number(/^bytes=(\d+)-\d*$/.exec(range)?.[1]);
    const last = bytes.length - 1;
    const field = { "Content-Range": `bytes ${start}-${last}/${bytes.length}` };
    return rawResponse(206, field, bytes.subarray(start));
  });
  const urls = [`${elsewhere.url}/layer`];
  const image = buildImage({
    layers: made.layers,
    layerDescriptor: (layer) => ({ ...layer, urls }),
  });
  const reference = kit.registry.push("a", "b", image);
  kit.registry.content.remove("a", descriptor.digest);
  await kit.assertStored(image, await kit.pull(reference));
  assert.deepEqual(kit.eventsOf("warning"), []);
  assert.deepEqual(
    elsewhere.requests.map(({ headers }) => headers.get("range")?.slice(0, 7)),
    [undefined, "bytes=2"],
  );
});

Deno.test("pull() says not found for a tag and for a layer", async () => {
  await using kit = await startKit();
  const image = buildImage();
  const reference = kit.registry.push("a", "b", image);
  await assert.rejects(kit.pull(`${kit.registry.host}/a:other`), {
    code: "not-found",
  });
  kit.registry.content.remove("a", image.layers[0]?.descriptor.digest ?? "");
  await assert.rejects(kit.pull(reference), { code: "not-found" });
});
