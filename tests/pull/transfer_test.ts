import assert from "node:assert/strict";
import { LocalError } from "../../src/errors.ts";
import type { PullContext } from "../../src/pull/pull_context.ts";
import { explainFullDisk } from "../../src/pull/room.ts";
import { TransferEngine } from "../../src/pull/transfer_engine.ts";
import { parseDigest } from "../../src/spec/digest.ts";
import { Store } from "../../src/store/store.ts";
import {
  answerStatus,
  BLOBS,
  cutAfter,
  delayHead,
  stallAfter,
  throttle,
} from "../testing/faults.ts";
import {
  buildImage,
  type TestImage,
  type TestLayer,
} from "../testing/image_builder.ts";
import { canMountDisks, smallDisk } from "../testing/small_disk.ts";
import {
  type KitPullOptions,
  type PullKit,
  QUICK_RETRIES,
  startKit,
  withRoom,
} from "./pull_kit.ts";

const MIB = 2 ** 20;
const EAGER: KitPullOptions = { minPieceBytes: 64 * 1024, minSavingMs: 20 };

function imageOf(...sizes: readonly number[]): TestImage {
  return buildImage({
    layers: sizes.map((bytes, i) => ({ seed: i + 1, randomBytes: bytes })),
  });
}

function layerOf(image: TestImage, position = 0): TestLayer {
  const layer = image.layers[position];
  assert.ok(layer);
  return layer;
}

function requestsFor(kit: PullKit, { descriptor }: TestLayer) {
  return kit.registry.requests.filter(({ path }) =>
    path.endsWith(descriptor.digest)
  );
}

/** Ends a pull once so much of a blob is on disk; resolves to what an abort of it threw. */
async function interrupt(
  kit: PullKit,
  reference: string,
  atBytes: number,
): Promise<unknown> {
  const controller = new AbortController();
  const reason = new Error("interrupted by a test");
  const pulling = kit.pull(reference, {
    signal: controller.signal,
    onEvent: (event) => {
      if (event.event === "blob-progress" && event.received >= atBytes) {
        controller.abort(reason);
      }
    },
  });
  await assert.rejects(pulling, reason);
  return reason;
}

Deno.test("a large layer on a slow server gets a connection for each part", async () => {
  await using kit = await startKit();
  const image = imageOf(6 * MIB);
  const reference = kit.registry.push("a", "b", image);
  kit.registry.fault({ match: BLOBS, fault: throttle(2 * MIB) });
  const result = await kit.pull(reference, EAGER);
  await kit.assertStored(image, result);
  assert.ok(
    result.elapsedMs < 2400,
    `${result.elapsedMs} ms where one connection takes 3000`,
  );
  const requests = requestsFor(kit, layerOf(image));
  assert.ok(requests.length >= 8, `${requests.length} requests`);
  assert.ok(kit.registry.server.peakInFlight >= 6);
  // A connection that gives a part of its range away is cut, with what was on its way: the
  // fake sends a tenth of a second's bytes at a time.
  assert.ok(result.bytesDownloaded < result.bytesTotal * 1.4);
});

Deno.test("a small blob is one request", async () => {
  await using kit = await startKit();
  const image = imageOf(100_000);
  const reference = kit.registry.push("a", "b", image);
  kit.registry.fault({ match: BLOBS, fault: throttle(400_000) });
  await kit.pull(reference);
  assert.equal(requestsFor(kit, layerOf(image)).length, 1);
});

Deno.test("no more requests are in flight than connections are allowed", async () => {
  for (const maxConnections of [1, 3]) {
    await using kit = await startKit();
    const image = imageOf(MIB, 1000, 2000, 3000, 4000, 5000, 6000);
    const reference = kit.registry.push("a", "b", image);
    kit.registry.fault({ match: BLOBS, fault: throttle(4 * MIB) });
    const result = await kit.pull(reference, { ...EAGER, maxConnections });
    await kit.assertStored(image, result);
    assert.equal(kit.registry.server.peakInFlight, maxConnections);
  }
});

Deno.test("small blobs do not wait behind a large one", async () => {
  await using kit = await startKit();
  const image = imageOf(600_000, 1000, 2000, 3000);
  const reference = kit.registry.push("a", "b", image);
  kit.registry.fault({ match: BLOBS, fault: throttle(2_000_000) });
  await kit.pull(reference, { maxConnections: 2 });
  const order = kit.eventsOf("blob-done").map(({ size }) => size);
  // They may end in any order: the disk is not asked for one after the other.
  assert.equal(order.length, 4);
  assert.equal(order[3], layerOf(image).descriptor.size);
  const [first] = kit.eventsOf("blob-start");
  assert.equal(first?.size, layerOf(image).descriptor.size);
});

Deno.test("a slow connection's range is taken over by a fast one", async () => {
  await using kit = await startKit();
  const image = imageOf(MIB, 600_000);
  const slow = layerOf(image, 1).descriptor.digest;
  const reference = kit.registry.push("a", "b", image);
  const match = ({ path }: { path: string }) => path.endsWith(slow);
  kit.registry.fault({ match, times: 1, fault: throttle(20_000) });
  const result = await kit.pull(reference, { minSavingMs: 20 });
  await kit.assertStored(image, result);
  assert.ok(
    result.elapsedMs < 6000,
    `${result.elapsedMs} ms where the slow one takes 30,000`,
  );
  assert.equal(kit.eventsOf("blob-retry").length, 0);
});

Deno.test("a run keeps to its rate, over all connections", async () => {
  await using kit = await startKit();
  const image = imageOf(200_000, 200_000, 200_000);
  const reference = kit.registry.push("a", "b", image);
  const result = await kit.pull(reference, { limitRate: 1_500_000 });
  await kit.assertStored(image, result);
  assert.ok(
    result.elapsedMs >= 280,
    `${result.elapsedMs} ms for 0.4 s of bytes, less the burst`,
  );
});

Deno.test("blob-progress comes at most ten times a second, and never goes back", async () => {
  await using kit = await startKit();
  const image = imageOf(600_000);
  const reference = kit.registry.push("a", "b", image);
  kit.registry.fault({ match: BLOBS, fault: throttle(1_200_000) });
  const { elapsedMs } = await kit.pull(reference);
  const received = kit.eventsOf("blob-progress").map((event) => event.received);
  assert.ok(received.length >= 2);
  assert.ok(
    received.length <= elapsedMs / 100 + 1,
    `${received.length} in ${elapsedMs} ms`,
  );
  assert.deepEqual(received, received.toSorted((a, b) => a - b));
});

Deno.test("an abort ends a pull at once; the next goes on where it stopped", async () => {
  await using kit = await startKit();
  const image = imageOf(MIB);
  const reference = kit.registry.push("a", "b", image);
  kit.registry.fault({ match: BLOBS, times: 2, fault: throttle(2 * MIB) });
  await interrupt(kit, reference, 300_000);
  assert.equal(kit.store.findImage(reference), undefined);
  kit.registry.clearFaults();
  kit.registry.clear();
  const result = await kit.pull(reference);
  await kit.assertStored(image, result);
  const [layer] = result.platforms[0]?.layers ?? [];
  assert.equal(layer?.status, "resumed");
  assert.equal(result.bytesDownloaded + result.bytesReused, result.bytesTotal);
  assert.ok(result.bytesDownloaded < result.bytesTotal - 250_000);
  const { offset = 0 } = kit.eventsOf("blob-start").at(-1) ?? {};
  assert.ok(offset >= 300_000);
});

Deno.test("an abort ends a pull that waits for a server", async () => {
  await using kit = await startKit();
  const image = imageOf(1000);
  const match = new RegExp(layerOf(image).descriptor.digest);
  const reference = kit.registry.push("a", "b", image);
  kit.registry.fault({ match, fault: stallAfter(0) });
  const reason = new Error("enough");
  const pulling = kit.pull(reference, { signal: AbortSignal.any([]) });
  const controller = new AbortController();
  const other = kit.pull(reference, {
    signal: controller.signal,
    onEvent: ({ event }) => {
      if (event === "blob-wait" || event === "blob-start") {
        controller.abort(reason);
      }
    },
  });
  await assert.rejects(other, reason);
  kit.registry.clearFaults();
  kit.registry.server.cutConnections();
  await pulling;
  await assert.rejects(
    kit.pull(reference, { signal: AbortSignal.abort(reason) }),
    reason,
  );
});

Deno.test("the first fatal failure ends the rest, and what came stays", async () => {
  await using kit = await startKit();
  const image = imageOf(MIB, 1000);
  const small = layerOf(image, 1).descriptor.digest;
  const reference = kit.registry.push("a", "b", image);
  kit.registry.fault(
    { match: BLOBS, fault: throttle(100_000) },
    { match: new RegExp(small), fault: answerStatus(403) },
  );
  const before = performance.now();
  await assert.rejects(kit.pull(reference), { code: "denied" });
  assert.ok(performance.now() - before < 2000);
});

Deno.test("a partial that was damaged between two runs is fetched again", async () => {
  await using kit = await startKit();
  const image = imageOf(MIB);
  const reference = kit.registry.push("a", "b", image);
  kit.registry.fault({ match: BLOBS, times: 2, fault: throttle(2 * MIB) });
  await interrupt(kit, reference, 300_000);
  kit.registry.clearFaults();
  const name = layerOf(image).descriptor.digest.replace(":", "-");
  using file = await Deno.open(`${kit.store.dir}/ingest/${name}`, {
    write: true,
  });
  await file.write(new Uint8Array(1000));
  const result = await kit.pull(reference);
  await kit.assertStored(image, result);
  assert.equal(result.platforms[0]?.layers[0]?.status, "downloaded");
});

Deno.test("pulls that share an engine share connections, and fetch a common layer once", async () => {
  await using kit = await startKit();
  const { client, store } = kit;
  using engine = new TransferEngine({
    client,
    store,
    maxConnections: 2,
    retry: QUICK_RETRIES,
  });
  const common = layerOf(imageOf(200_000));
  const images = [1, 2, 3, 4].map((seed) =>
    buildImage({ layers: [common, { seed: seed + 10, randomBytes: 1000 }] })
  );
  const references = images.map((image, i) =>
    kit.registry.push(`team/app${i}`, "v1", image)
  );
  kit.registry.fault({ match: BLOBS, fault: throttle(2_000_000) });
  const results = await Promise.all(
    references.map((name) => kit.pull(name, { engine })),
  );
  for (const [i, result] of results.entries()) {
    const image = images[i];
    assert.ok(image);
    await kit.assertStored(image, result);
  }
  assert.equal(requestsFor(kit, common).length, 1);
  assert.equal(kit.registry.server.peakInFlight, 2);
  const statuses = results.map(({ platforms }) =>
    platforms[0]?.layers[0]?.status
  );
  assert.deepEqual(statuses.toSorted(), [
    "downloaded",
    "reused",
    "reused",
    "reused",
  ]);
});

Deno.test("a layer that one repository denies comes from the other that has it", async () => {
  await using kit = await startKit();
  const { client, store } = kit;
  using engine = new TransferEngine({ client, store, retry: QUICK_RETRIES });
  const image = imageOf(50_000);
  const references = ["one", "two"].map((name) =>
    kit.registry.push(name, "v1", image)
  );
  const match = new RegExp(`/one/blobs/${layerOf(image).descriptor.digest}`);
  // The one that is denied goes first, and the other waits for its blob.
  kit.registry.fault(
    { match, fault: answerStatus(403) },
    { match, fault: delayHead(100) },
    { match: /two.manifests/, fault: delayHead(30) },
  );
  const results = await Promise.allSettled(
    references.map((name) => kit.pull(name, { engine })),
  );
  assert.deepEqual(results.map(({ status }) => status), [
    "rejected",
    "fulfilled",
  ]);
});

Deno.test("a pull that is given up leaves a shared blob to those who still want it", async () => {
  await using kit = await startKit();
  const { client, store } = kit;
  using engine = new TransferEngine({ client, store, retry: QUICK_RETRIES });
  const image = imageOf(300_000);
  const references = ["one", "two"].map((name) =>
    kit.registry.push(name, "v1", image)
  );
  kit.registry.fault({ match: BLOBS, fault: throttle(1_500_000) });
  const controller = new AbortController();
  const [first = "", second = ""] = references;
  const reason = new Error("not this one");
  const given = kit.pull(first, { engine, signal: controller.signal });
  const wanted = kit.pull(second, {
    engine,
    onEvent: ({ event }) => {
      if (event === "blob-progress") controller.abort(reason);
    },
  });
  await assert.rejects(given, reason);
  await kit.assertStored(image, await wanted);
  assert.equal(requestsFor(kit, layerOf(image)).length, 1);
});

Deno.test("a blob that another process writes is waited for, and not fetched", async () => {
  await using kit = await startKit();
  const image = imageOf(50_000);
  const { descriptor, bytes } = layerOf(image);
  const blob = {
    digest: parseDigest(descriptor.digest),
    size: descriptor.size,
  };
  const reference = kit.registry.push("a", "b", image);
  await using other = await Store.open(kit.store.dir, { sync: false });
  const ingest = await other.openIngest(blob);
  const result = await kit.pull(reference, {
    onEvent: (event) => {
      kit.events.push(event);
      if (event.event !== "blob-wait") return;
      void ingest?.writeAt(0, bytes).then(() => ingest.commit());
    },
  });
  assert.equal(kit.eventsOf("blob-wait").length, 1);
  await kit.assertStored(image, result);
  assert.equal(result.platforms[0]?.layers[0]?.status, "reused");
  assert.equal(requestsFor(kit, layerOf(image)).length, 0);
});

Deno.test("a blob whose writer dies is taken over where it stopped", async () => {
  await using kit = await startKit();
  const image = imageOf(50_000);
  const { descriptor, bytes } = layerOf(image);
  const blob = {
    digest: parseDigest(descriptor.digest),
    size: descriptor.size,
  };
  const reference = kit.registry.push("a", "b", image);
  await using other = await Store.open(kit.store.dir, { sync: false });
  const ingest = await other.openIngest(blob);
  await ingest?.writeAt(0, bytes.subarray(0, 20_000));
  const result = await kit.pull(reference, {
    onEvent: ({ event }) => {
      if (event === "blob-wait") void ingest?.[Symbol.asyncDispose]();
    },
  });
  await kit.assertStored(image, result);
  const [request] = requestsFor(kit, layerOf(image));
  assert.equal(
    request?.headers.get("range"),
    `bytes=20000-${descriptor.size - 1}`,
  );
});

Deno.test("a pull that the disk has no room for ends before its first byte, with both figures", async () => {
  await using kit = await startKit();
  const image = imageOf(300_000);
  const reference = kit.registry.push("a", "b", image);
  await assert.rejects(
    kit.pull(reference, { store: withRoom(kit.store, 1234) }),
    (error) => {
      assert.ok(error instanceof LocalError);
      assert.equal(error.code, "disk-full");
      assert.deepEqual(error.details, {
        needed: layerOf(image).descriptor.size,
        free: 1234,
      });
      return true;
    },
  );
  assert.equal(requestsFor(kit, layerOf(image)).length, 0);
});

Deno.test({
  name:
    "a small pull that a real disk has no room for ends before its first byte, too",
  ignore: !(await canMountDisks()),
  fn: async () => {
    await using disk = await smallDisk(1024);
    await using store = await Store.open(`${disk.path}/store`);
    await using kit = await startKit();
    const image = imageOf(MIB);
    const reference = kit.registry.push("a", "b", image);
    await assert.rejects(kit.pull(reference, { store }), {
      code: "disk-full",
      exitCode: 7,
      message: /\d+ bytes are to be written and \d+ are free in ".+"$/,
    });
    assert.equal(requestsFor(kit, layerOf(image)).length, 0);
    assert.deepEqual(store.space.listPartials(), []);
  },
});

Deno.test("what an earlier run left needs no room again", async () => {
  await using kit = await startKit();
  const image = imageOf(MIB);
  const reference = kit.registry.push("a", "b", image);
  kit.registry.fault({ match: BLOBS, times: 2, fault: throttle(2 * MIB) });
  await interrupt(kit, reference, 300_000);
  kit.registry.clearFaults();
  const store = withRoom(kit.store, layerOf(image).descriptor.size - 250_000);
  await kit.assertStored(image, await kit.pull(reference, { store }));
});

Deno.test("a disk that fills up in the middle is named", async () => {
  await using kit = await startKit();
  const image = imageOf(300_000);
  const reference = kit.registry.push("a", "b", image);
  const full = new LocalError("disk-full", "Cannot write: no space left");
  const store = new Proxy(withRoom(kit.store, 5e9), {
    get(target, name) {
      if (name !== "openIngest") return Reflect.get(target, name);
      return async (...args: Parameters<Store["openIngest"]>) => {
        const ingest = await kit.store.openIngest(...args);
        assert.ok(ingest);
        ingest.writeAt = () => Promise.reject(full);
        return ingest;
      };
    },
  });
  await assert.rejects(kit.pull(reference, { store }), (error) => {
    assert.ok(error instanceof LocalError);
    assert.match(
      error.message,
      /: the disk is full, \d+ more bytes are to be written and 5000000000 are free in ".*"$/,
    );
    assert.equal(error.cause, full);
    return true;
  });
});

Deno.test("explainFullDisk() tells what is missing still, and nothing where that is nothing", async () => {
  await using kit = await startKit();
  const full = new LocalError("disk-full", "Cannot unpack: no space left");
  const blobs = imageOf(300_000).layers.map(({ descriptor }) => ({
    ...descriptor,
    digest: parseDigest(descriptor.digest),
  }));
  const size = blobs.reduce((sum, blob) => sum + blob.size, 0);
  for (
    const [wanted, message] of [
      [[], 'Cannot pull "a:b": the disk is full in "'],
      [
        blobs,
        `Cannot pull "a:b": the disk is full, ${size} more bytes are to be written and 5 are free in "`,
      ],
    ] as const
  ) {
    const context = {
      name: "a:b",
      store: withRoom(kit.store, 5),
      // Sound: no more of it is looked at.
    } as unknown as PullContext;
    const error = await explainFullDisk(full, context, wanted);
    assert.ok(error instanceof LocalError);
    assert.ok(error.message.startsWith(message), error.message);
    assert.match(error.hint ?? "", /make room/);
  }
});

Deno.test("an empty blob needs no request", async () => {
  await using kit = await startKit();
  const image = buildImage({
    layers: [{}],
    layerDescriptor: (descriptor) => ({
      ...descriptor,
      digest:
        "sha256:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
      size: 0,
    }),
  });
  const reference = kit.registry.push("a", "b", image);
  await kit.pull(reference);
  assert.equal(kit.registry.blobRequests.length, 1);
});

Deno.test("a sha512 layer is verified like any other", async () => {
  await using kit = await startKit();
  const image = buildImage({
    algorithm: "sha512",
    layers: [{ randomBytes: 100_000 }],
  });
  const reference = kit.registry.push("a", "b", image);
  kit.registry.fault({
    match: BLOBS,
    times: 1,
    skip: 1,
    fault: cutAfter(30_000),
  });
  await kit.assertStored(image, await kit.pull(reference));
});

Deno.test("a run of very many small layers ends, and leaves no file open", async () => {
  await using kit = await startKit();
  const layers = Array.from(
    { length: 300 },
    (_, i) => ({ files: { name: `${i}` } }),
  );
  const image = buildImage({ layers });
  const reference = kit.registry.push("a", "b", image);
  await kit.assertStored(image, await kit.pull(reference));
  assert.ok(kit.registry.server.peakInFlight <= 8);
});

Deno.test("a wait that ends while the scheduler looks is not forgotten", async () => {
  await using kit = await startKit();
  const image = imageOf(50_000);
  const reference = kit.registry.push("a", "b", image);
  kit.registry.fault({
    match: new RegExp(layerOf(image).descriptor.digest),
    times: 4,
    fault: cutAfter(0),
  });
  // Each look at the clock takes longer than a wait.
  let looks = 0;
  const now = () => performance.now() + 10 * looks++;
  const signal = AbortSignal.timeout(5000);
  await kit.assertStored(image, await kit.pull(reference, { now, signal }));
});
