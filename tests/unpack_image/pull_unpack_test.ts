import assert from "node:assert/strict";
import { parseDigest } from "../../src/spec/digest.ts";
import { Store } from "../../src/store/store.ts";
import { unpack } from "../../src/unpack_image/unpack.ts";
import { StoreUnpacker } from "../../src/unpack_image/store_unpacker.ts";
import {
  type KitPullOptions,
  type PullKit,
  startKit,
} from "../pull/pull_kit.ts";
import { flipByte } from "../testing/faults.ts";
import {
  buildImage,
  buildLayer,
  type TestLayer,
} from "../testing/image_builder.ts";
import { tempDir } from "../testing/temp_dir.ts";
import { type Gate, holdBack } from "./hold_back.ts";
import { namesIn, rawLayer } from "./unpack_fixture.ts";
import { rawTar } from "../tar/raw_tar.ts";

const small = buildLayer({ files: { "etc/a": "a", "etc/b": "b" } });
const other = buildLayer({ files: { "etc/c": "c", "etc/.wh.a": "" } });
/** Large enough for a thread of its own. */
const large = buildLayer({ randomBytes: 3 << 20, files: { "usr/big": "b" } });

/** Pulls with layers unpacked. */
async function pullUnpacked(
  kit: PullKit,
  reference: string,
  options: KitPullOptions = {},
) {
  using unpack = new StoreUnpacker({ store: kit.store, sync: false });
  return await kit.pull(reference, { unpack, ...options });
}

function pathOf({ store }: PullKit, { descriptor }: TestLayer): string {
  return `${store.dir}/layers/${descriptor.digest.replace(":", "-")}`;
}

/** As buildx makes attestations: an image's config, a statement in the layer's place. */
const attestation = buildImage({
  layers: [rawLayer(new TextEncoder().encode('{"_type":"statement"}'))],
  layerDescriptor: (descriptor) => ({
    ...descriptor,
    mediaType: "application/vnd.in-toto+json",
  }),
});

Deno.test("pull() that unpacks keeps an attestation as it is, and unpack() says that it is no image", async () => {
  await using kit = await startKit();
  const reference = kit.registry.push("team/app", "att", attestation);
  const { layers = [] } = (await pullUnpacked(kit, reference)).platforms[0] ??
    {};
  assert.equal(layers[0]?.status, "downloaded");
  await using scope = await tempDir();
  await assert.rejects(
    unpack(reference, scope.join("root"), { store: kit.store }),
    { code: "not-an-image" },
  );
});

function layersIn({ store }: PullKit): readonly string[] {
  return namesIn({ path: `${store.dir}/layers` });
}

/** A registry that sends a layer's first half, and the rest when it is told to. */
function holdLayer(kit: PullKit, layer: TestLayer): Gate {
  const { digest, size } = layer.descriptor;
  return holdBack(kit.registry, digest, size >> 1);
}

Deno.test("pull() unpacks a layer while another is still on its way", async () => {
  await using kit = await startKit();
  const reference = kit.registry.push(
    "a",
    "1",
    buildImage({ layers: [small, large] }),
  );
  using gate = holdLayer(kit, large);
  const result = await pullUnpacked(kit, reference, {
    onEvent: (event) => {
      kit.events.push(event);
      // The large one's other half comes only once the small one is unpacked.
      if (event.event !== "unpack-done") return;
      if (event.digest === small.descriptor.digest) gate.open();
    },
  });
  const order = kit.events
    .filter(({ event }) => /^(unpack-(start|done)|blob-done)$/.test(event))
    .map((event) => "digest" in event ? `${event.event} ${event.digest}` : "");
  const position = (event: string, { descriptor }: TestLayer): number =>
    order.indexOf(`${event} ${descriptor.digest}`);
  assert(position("unpack-done", small) < position("blob-done", large));
  // Of the large one, what was there was unpacked before the rest had come.
  assert(position("unpack-start", large) >= 0);
  assert(position("unpack-start", large) < position("blob-done", large));
  assert(position("blob-done", large) < position("unpack-done", large));
  assert.deepEqual(
    result.platforms[0]?.layers.map(({ path }) => path),
    [pathOf(kit, small), pathOf(kit, large)],
  );
  assert.equal(
    await Deno.readTextFile(`${pathOf(kit, large)}/usr/big`),
    "b",
  );
  assert.equal(layersIn(kit).length, 2);
});

Deno.test("pull() shares unpacked layers, and unpacks none twice", async () => {
  await using kit = await startKit();
  const { registry, store } = kit;
  const one = registry.push("a", "1", buildImage({ layers: [small, other] }));
  const two = registry.push("b", "1", buildImage({ layers: [small, large] }));
  await pullUnpacked(kit, one);
  const inode = (await Deno.stat(`${pathOf(kit, small)}/etc/a`)).ino;
  const result = await pullUnpacked(kit, two);
  assert.equal((await Deno.stat(`${pathOf(kit, small)}/etc/a`)).ino, inode);
  assert.equal(result.platforms[0]?.layers[0]?.path, pathOf(kit, small));
  assert.deepEqual(
    kit.eventsOf("unpack-done").map(({ digest }) => digest).sort(),
    [small, other, large].map(({ descriptor }) => descriptor.digest).sort(),
  );
  const digest = parseDigest(small.descriptor.digest);
  assert.deepEqual(store.unpacked.find(digest), {
    digest,
    form: "oci",
    diffId: small.diffId,
    bytes: 512 * 6,
    unset: 0,
  });
});

Deno.test("pull() unpacks an image that was pulled without", async () => {
  await using kit = await startKit();
  const image = buildImage({ layers: [small, small, large] });
  const reference = kit.registry.push("a", "1", image);
  await kit.pull(reference);
  assert.throws(() => layersIn(kit), Deno.errors.NotFound);
  const dry = await pullUnpacked(kit, reference, { dryRun: true });
  assert.equal(dry.platforms[0]?.layers[0]?.path, undefined);
  assert.throws(() => layersIn(kit), Deno.errors.NotFound);
  kit.registry.clear();
  const result = await pullUnpacked(kit, reference);
  assert.equal(kit.registry.blobRequests.length, 0);
  assert.deepEqual(
    result.platforms[0]?.layers.map(({ path }) => path),
    [small, small, large].map((layer) => pathOf(kit, layer)),
  );
});

for (
  const [where, size] of [["here", 100_000], ["on a thread", 5 << 20]] as const
) {
  Deno.test(`pull() begins again with a layer whose bytes turn out to be wrong, unpacked ${where}`, async () => {
    await using kit = await startKit();
    const text = "x".repeat(size);
    // Not compressed: a wrong byte in a file's content is seen by nobody but the digest.
    const plain = buildLayer({ files: { a: text }, compression: "none" });
    const image = buildImage({ layers: [plain] });
    const reference = kit.registry.push("a", "1", image);
    kit.registry.fault({
      match: new RegExp(plain.descriptor.digest),
      fault: flipByte(5000),
      times: 1,
    });
    const result = await pullUnpacked(kit, reference);
    await kit.assertStored(image, result);
    assert(await Deno.readTextFile(`${pathOf(kit, plain)}/a`) === text);
    assert.equal(layersIn(kit).length, 1);
  });
}

Deno.test("pull() begins again where wrong bytes are no archive at all", async () => {
  await using kit = await startKit();
  const reference = kit.registry.push(
    "a",
    "1",
    buildImage({ layers: [small] }),
  );
  kit.registry.fault({
    match: new RegExp(small.descriptor.digest),
    fault: flipByte(20),
    times: 1,
  });
  await pullUnpacked(kit, reference);
  assert.equal(await Deno.readTextFile(`${pathOf(kit, small)}/etc/a`), "a");
});

for (
  const [what, layer, code] of [
    [
      "is not its diffID",
      rawLayer(rawTar(), new Uint8Array(1)),
      "digest-mismatch",
    ],
    ["leads out", buildLayer({ files: { "../x": "x" } }), "path-unsafe"],
    [
      "is xz",
      rawLayer(Uint8Array.of(0xfd, 0x37, 0x7a, 0x58, 0x5a, 0, 1)),
      "compression-unsupported",
    ],
  ] as const
) {
  Deno.test(`pull() keeps all that it transferred when a layer ${what}`, async () => {
    await using kit = await startKit();
    const image = buildImage({ layers: [layer, large] });
    const reference = kit.registry.push("a", "1", image);
    await assert.rejects(pullUnpacked(kit, reference), { code, exitCode: 6 });
    assert(kit.store.findImage(reference) !== undefined);
    kit.registry.clear();
    await kit.assertStored(image, await kit.pull(reference));
    assert.equal(kit.registry.blobRequests.length, 0);
    assert.equal(
      kit.store.unpacked.find(parseDigest(layer.descriptor.digest)),
      undefined,
    );
    assert(!layersIn(kit).some((name) => name.includes(".dray-")));
    assert.equal(kit.eventsOf("done").length, 1); // Of the pull without.
  });
}

Deno.test("pull() doesn't take another image's word for a layer's diffID", async () => {
  await using kit = await startKit();
  const lying: TestLayer = { ...small, diffId: other.diffId };
  const { registry } = kit;
  const good = registry.push("a", "1", buildImage({ layers: [small] }));
  const bad = registry.push("a", "2", buildImage({ layers: [lying] }));
  await pullUnpacked(kit, good);
  await assert.rejects(pullUnpacked(kit, bad), { code: "digest-mismatch" });
  await pullUnpacked(kit, good);
});

Deno.test("pull() unpacks anew what nothing is recorded of, and what was removed", async () => {
  await using kit = await startKit();
  const reference = kit.registry.push(
    "a",
    "1",
    buildImage({ layers: [small] }),
  );
  const path = pathOf(kit, small);
  await Deno.mkdir(`${path}/half`, { recursive: true });
  await pullUnpacked(kit, reference);
  assert.deepEqual(namesIn({ path }), ["etc"]);
  await Deno.remove(path, { recursive: true });
  await pullUnpacked(kit, reference);
  assert.deepEqual(namesIn({ path }), ["etc"]);
  assert.equal(layersIn(kit).length, 1);
});

Deno.test("pull() that is aborted leaves no half a layer, and goes on the next time", async () => {
  await using kit = await startKit();
  const image = buildImage({ layers: [large] });
  const reference = kit.registry.push("a", "1", image);
  const controller = new AbortController();
  {
    using _gate = holdLayer(kit, large);
    const reason = new Error("enough");
    await assert.rejects(
      pullUnpacked(kit, reference, {
        signal: controller.signal,
        onEvent: ({ event }) => {
          if (event === "unpack-progress" || event === "unpack-start") {
            controller.abort(reason);
          }
        },
      }),
      reason,
    );
  }
  assert.deepEqual(layersIn(kit), []);
  const result = await pullUnpacked(kit, reference);
  assert.equal(result.platforms[0]?.layers[0]?.status, "resumed");
  assert.deepEqual(namesIn({ path: pathOf(kit, large) }), [
    "random.bin",
    "usr",
  ]);
});

Deno.test("pull() waits for a process that unpacks the layer, and finds it", async () => {
  await using kit = await startKit();
  const reference = kit.registry.push(
    "a",
    "1",
    buildImage({ layers: [large, small] }),
  );
  await using second = await Store.open(kit.store.dir, { sync: false });
  const results = await Promise.all([kit.store, second].map(async (store) => {
    using unpack = new StoreUnpacker({ store, sync: false });
    return await kit.pull(reference, { store, unpack });
  }));
  for (const { platforms } of results) {
    assert.deepEqual(
      platforms[0]?.layers.map(({ path }) => path),
      [pathOf(kit, large), pathOf(kit, small)],
    );
  }
  assert.equal(kit.eventsOf("unpack-done").length, 2);
});

Deno.test("pull() unpacks no more of a layer than it may", async () => {
  await using kit = await startKit();
  const image = buildImage({ layers: [large, small] });
  const reference = kit.registry.push("a", "1", image);
  using unpack = new StoreUnpacker({
    store: kit.store,
    sync: false,
    limits: { maxBytes: 1 << 20 },
  });
  await assert.rejects(kit.pull(reference, { unpack }), {
    code: "limit-exceeded",
    exitCode: 6,
    hint: /--limit bytes=N/,
  });
  assert(!layersIn(kit).some((name) => name.includes(".dray-")));
});
