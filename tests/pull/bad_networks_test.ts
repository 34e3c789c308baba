import assert from "node:assert/strict";
import { IntegrityError, UnavailableError } from "../../src/errors.ts";
import { originEndpoint } from "../../src/registry/endpoint.ts";
import {
  answerStatus,
  BLOBS,
  changingEtag,
  chunked,
  claimRange,
  cutAfter,
  delayHead,
  dropBytes,
  endlessBody,
  extraBytes,
  type Fault,
  flipByte,
  gzipEncoding,
  ignoreRange,
  multipartRange,
  rateLimit,
  shiftRange,
  stallAfter,
  throttle,
  untilClose,
} from "../testing/faults.ts";
import { parseDigest } from "../../src/spec/digest.ts";
import { startFakeRegistry } from "../testing/fake_registry.ts";
import { buildImage, type TestImage } from "../testing/image_builder.ts";
import type { RecordedRequest } from "../testing/raw_request.ts";
import {
  type KitPullOptions,
  type PullKit,
  QUICK_RETRIES,
  startKit,
} from "./pull_kit.ts";

const MIB = 2 ** 20;

/** An image of one layer that no compression makes smaller. */
function imageOf(bytes: number): TestImage {
  return buildImage({ layers: [{ randomBytes: bytes }] });
}

function layerOf(image: TestImage): { digest: string; size: number } {
  const [layer] = image.layers;
  assert.ok(layer);
  return layer.descriptor;
}

/** Answers with the content of the image's one layer. */
function layerFaults(image: TestImage): (request: RecordedRequest) => boolean {
  return ({ method, path }) =>
    method === "GET" && path.endsWith(layerOf(image).digest);
}

/** Requests for the image's one layer, at the registry. */
function layerRequests(
  kit: PullKit,
  image: TestImage,
): readonly RecordedRequest[] {
  return kit.registry.requests.filter(layerFaults(image));
}

/** Several connections for one small blob, as on a slow network. */
const EAGER: KitPullOptions = { minPieceBytes: 32 * 1024, minSavingMs: 10 };

/** A first byte that is late, but within what is waited for by default. */
const LATE_MS = Deno.env.has("DRAY_SOAK") ? 20_000 : 300;

Deno.test("pull() survives a connection that is cut every 3 MiB", async () => {
  await using kit = await startKit();
  const image = imageOf(10 * MIB);
  const reference = kit.registry.push("a", "b", image);
  kit.registry.fault({ match: BLOBS, fault: cutAfter(3 * MIB) });
  const result = await kit.pull(reference);
  await kit.assertStored(image, result);
  assert.equal(layerRequests(kit, image).length, 4);
  // What was received before a cut is not asked for again.
  assert.equal(result.bytesDownloaded, result.bytesTotal);
  assert.equal(kit.eventsOf("blob-retry").length, 3);
});

Deno.test("pull() forgives any number of cuts as long as bytes come in between", async () => {
  await using kit = await startKit();
  const image = imageOf(MIB);
  const reference = kit.registry.push("a", "b", image);
  kit.registry.fault({ match: BLOBS, fault: cutAfter(70_000) });
  const result = await kit.pull(reference);
  await kit.assertStored(image, result);
  const cuts = Math.floor(layerOf(image).size / 70_000);
  assert.ok(cuts > 2 * QUICK_RETRIES.maxRetries);
  assert.equal(kit.eventsOf("blob-retry").length, cuts);
  assert.equal(result.bytesDownloaded, result.bytesTotal);
});

Deno.test("pull() survives every second request answered with 503", async () => {
  await using kit = await startKit();
  const image = buildImage({
    layers: [1, 2, 3, 4].map((seed) => ({ seed, randomBytes: 9000 })),
  });
  const reference = kit.registry.push("a", "b", image);
  kit.registry.fault({
    match: /^GET \/v2/,
    every: 2,
    fault: answerStatus(503),
  });
  await kit.assertStored(image, await kit.pull(reference));
  assert.ok(
    kit.registry.requests.length <= 16,
    `${kit.registry.requests.length} requests`,
  );
});

Deno.test("pull() waits as Retry-After says, and says so", async (t) => {
  const inThreeSeconds = () => new Date(Date.now() + 3000).toUTCString();
  const cases: [string, () => string | undefined, number, number][] = [
    ["seconds", () => "2", 2000, 2600],
    ["a date", inThreeSeconds, 1500, 3600],
    ["a date in 1970", () => "Thu, 01 Jan 1970 00:00:00 GMT", 0, 15_000],
    ["less than nothing", () => "-1", 0, 15_000],
    ["rubbish", () => "soon, perhaps", 0, 15_000],
    ["nothing", () => undefined, 0, 15_000],
  ];
  for (const [name, retryAfter, least, most] of cases) {
    await t.step(name, async () => {
      await using kit = await startKit();
      const image = imageOf(5000);
      const reference = kit.registry.push("a", "b", image);
      kit.registry.fault({
        match: layerFaults(image),
        times: 1,
        fault: rateLimit(retryAfter()),
      });
      await kit.assertStored(image, await kit.pull(reference));
      const [wait] = kit.eventsOf("blob-retry");
      assert.ok(
        wait && wait.delayMs >= least && wait.delayMs <= most,
        `${wait?.delayMs} ms`,
      );
    });
  }
});

Deno.test("pull() does not wait for an absurd Retry-After", async () => {
  await using kit = await startKit();
  const image = imageOf(5000);
  const reference = kit.registry.push("a", "b", image);
  kit.registry.fault({
    match: layerFaults(image),
    fault: rateLimit("99999999"),
  });
  await assert.rejects(kit.pull(reference), UnavailableError);
  assert.equal(layerRequests(kit, image).length, 1);
});

Deno.test("pull() waits for a first byte that comes late", async () => {
  await using kit = await startKit({ headerTimeoutMs: 30_000 });
  const image = imageOf(5000);
  const reference = kit.registry.push("a", "b", image);
  kit.registry.fault({ match: BLOBS, fault: delayHead(LATE_MS) });
  await kit.assertStored(image, await kit.pull(reference));
  assert.equal(layerRequests(kit, image).length, 1);
});

Deno.test("pull() asks again when no first byte comes in time", async () => {
  await using kit = await startKit({ headerTimeoutMs: 100 });
  const image = imageOf(5000);
  const reference = kit.registry.push("a", "b", image);
  kit.registry.fault({
    match: layerFaults(image),
    times: 1,
    fault: delayHead(Infinity),
  });
  await kit.assertStored(image, await kit.pull(reference));
});

Deno.test("pull() takes up a body that stalls for ever at 99 %", async () => {
  await using kit = await startKit();
  const image = imageOf(MIB);
  const { size } = layerOf(image);
  const reference = kit.registry.push("a", "b", image);
  const stall = stallAfter(Math.floor(size * 0.99));
  kit.registry.fault({ match: layerFaults(image), times: 1, fault: stall });
  const result = await kit.pull(reference, { idleTimeoutMs: 500 });
  await kit.assertStored(image, result);
  const requests = layerRequests(kit, image);
  assert.equal(requests.length, 2);
  assert.ok((requests[1]?.bytesSent ?? size) < size * 0.02);
});

Deno.test("pull() gives up a body that stalls for ever, each time, without progress", async () => {
  await using kit = await startKit();
  const image = imageOf(MIB);
  const reference = kit.registry.push("a", "b", image);
  kit.registry.fault({ match: layerFaults(image), fault: stallAfter(0) });
  await assert.rejects(kit.pull(reference, { idleTimeoutMs: 30 }), {
    code: "timeout",
  });
  assert.equal(layerRequests(kit, image).length, 6);
});

Deno.test("pull() leaves a connection that sends one byte at a time", async () => {
  await using kit = await startKit();
  const image = imageOf(MIB);
  const reference = kit.registry.push("a", "b", image);
  kit.registry.fault({
    match: layerFaults(image),
    times: 1,
    fault: throttle(20),
  });
  const result = await kit.pull(reference, { idleTimeoutMs: 150 });
  await kit.assertStored(image, result);
  assert.equal(layerRequests(kit, image).length, 2);
});

Deno.test("pull() gives up a server that sends one byte at a time, always", async () => {
  await using kit = await startKit();
  const image = imageOf(MIB);
  const reference = kit.registry.push("a", "b", image);
  kit.registry.fault({ match: layerFaults(image), fault: throttle(100) });
  await assert.rejects(kit.pull(reference, { idleTimeoutMs: 60 }), {
    code: "timeout",
  });
  assert.ok(layerRequests(kit, image).length <= 12);
});

Deno.test("pull() mends an answer that is once too long, too short or broken", async (t) => {
  const cases: [string, Fault[]][] = [
    ["longer, and says so", [extraBytes(5000)]],
    ["longer, chunked", [extraBytes(5000), chunked()]],
    ["endless", [endlessBody()]],
    ["shorter, and says so", [dropBytes(5000)]],
    ["shorter, chunked", [dropBytes(5000), chunked()]],
    ["shorter, up to the connection's end", [dropBytes(5000), untilClose()]],
    ["empty", [cutAfter(0)]],
    ["another byte", [flipByte(77_777)]],
    ["encoded though identity was asked for", [gzipEncoding()]],
  ];
  for (const [name, faults] of cases) {
    await t.step(name, async () => {
      await using kit = await startKit();
      const image = imageOf(300_000);
      const reference = kit.registry.push("a", "b", image);
      const match = layerFaults(image);
      kit.registry.fault(
        ...faults.map((fault) => ({ match, fault, times: 1 })),
      );
      await kit.assertStored(image, await kit.pull(reference));
      assert.ok(layerRequests(kit, image).length <= 2);
    });
  }
});

Deno.test("pull() takes the right bytes of an answer that always goes on", async (t) => {
  const cases: [string, Fault[]][] = [
    ["longer, chunked", [extraBytes(500_000), chunked()]],
    ["endless", [endlessBody()]],
    ["encoded", [gzipEncoding()]],
  ];
  for (const [name, faults] of cases) {
    await t.step(name, async () => {
      await using kit = await startKit();
      const image = imageOf(300_000);
      const reference = kit.registry.push("a", "b", image);
      const match = layerFaults(image);
      kit.registry.fault(...faults.map((fault) => ({ match, fault })));
      await kit.assertStored(image, await kit.pull(reference));
      assert.equal(layerRequests(kit, image).length, 1);
    });
  }
});

Deno.test("pull() refuses a blob that is always of another size", async (t) => {
  const cases: [string, Fault[]][] = [
    ["longer, and says so", [extraBytes(5000)]],
    ["shorter, and says so", [dropBytes(5000)]],
    ["shorter, chunked", [dropBytes(5000), chunked()]],
  ];
  for (const [name, faults] of cases) {
    await t.step(name, async () => {
      await using kit = await startKit();
      const image = imageOf(300_000);
      const reference = kit.registry.push("a", "b", image);
      const match = layerFaults(image);
      kit.registry.fault(...faults.map((fault) => ({ match, fault })));
      await assert.rejects(kit.pull(reference), IntegrityError);
      assert.ok(layerRequests(kit, image).length <= 6);
    });
  }
});

Deno.test("pull() ends with exit code 6 when a byte is always flipped, naming both digests", async () => {
  await using kit = await startKit();
  const image = imageOf(300_000);
  const reference = kit.registry.push("a", "b", image);
  kit.registry.fault({ match: layerFaults(image), fault: flipByte(1234) });
  await assert.rejects(kit.pull(reference), (error) => {
    assert.ok(error instanceof IntegrityError);
    assert.equal(error.code, "digest-mismatch");
    assert.equal(error.exitCode, 6);
    assert.equal(error.details.expected, layerOf(image).digest);
    assert.match(String(error.details.actual), /^sha256:[0-9a-f]{64}$/);
    return true;
  });
  assert.equal(layerRequests(kit, image).length, 2);
  assert.equal(kit.store.findImage(reference), undefined);
});

Deno.test("pull() survives wrong answers to a range", async (t) => {
  const cases: [string, Fault][] = [
    ["another offset", shiftRange(1000)],
    ["another offset than it says", claimRange("bytes 0-99/300000")],
    ["another total", claimRange("bytes 100000-200000/200001")],
    ["no Content-Range", claimRange(undefined)],
    ["several parts", multipartRange()],
    ["200", ignoreRange()],
    ["416", answerStatus(416)],
    ["an encoding", gzipEncoding()],
  ];
  for (const times of [1, Infinity]) {
    for (const [name, fault] of cases) {
      await t.step(`${name}, ${times === 1 ? "once" : "always"}`, async () => {
        await using kit = await startKit();
        const image = imageOf(300_000);
        const reference = kit.registry.push("a", "b", image);
        const isLayer = layerFaults(image);
        kit.registry.fault({
          match: isLayer,
          times: 1,
          fault: cutAfter(100_000),
        });
        const match = (request: RecordedRequest) =>
          isLayer(request) && request.headers.has("range");
        kit.registry.fault({ match, times, fault });
        await kit.assertStored(image, await kit.pull(reference));
        assert.ok(layerRequests(kit, image).length <= 4);
      });
    }
  }
});

Deno.test("pull() counts bytes as reused only where they did not come again", async () => {
  await using kit = await startKit({ ranges: false });
  const image = imageOf(300_000);
  const reference = kit.registry.push("a", "b", image);
  const { digest, size } = layerOf(image);
  {
    await using ingest = await kit.store.openIngest({
      digest: parseDigest(digest),
      size,
    });
    const [{ bytes } = { bytes: new Uint8Array() }] = image.layers;
    await ingest?.writeAt(0, bytes.subarray(0, 200_000));
  }
  const result = await kit.pull(reference);
  await kit.assertStored(image, result);
  assert.equal(result.bytesDownloaded, result.bytesTotal);
  assert.equal(result.bytesReused, 0);
  assert.equal(result.platforms[0]?.layers[0]?.status, "downloaded");
});

Deno.test("pull() keeps to one stream when a server answers 200 to every range", async () => {
  await using kit = await startKit({ ranges: false });
  const image = imageOf(600_000);
  const reference = kit.registry.push("a", "b", image);
  kit.registry.fault({ match: layerFaults(image), fault: throttle(1_000_000) });
  const result = await kit.pull(reference, EAGER);
  await kit.assertStored(image, result);
  const requests = layerRequests(kit, image);
  assert.ok(
    requests.some(({ headers }) => headers.has("range")),
    "it was never split",
  );
  assert.ok(requests.length <= 8);
  // The first stream brings all of it, unless it ended its part before the answer came.
  const sent = requests.reduce((sum, { bytesSent }) => sum + bytesSent, 0);
  assert.ok(sent < 3 * layerOf(image).size, `${sent} bytes sent`);
});

Deno.test("pull() survives an ETag that changes with every answer", async () => {
  await using kit = await startKit();
  const image = imageOf(300_000);
  const reference = kit.registry.push("a", "b", image);
  kit.registry.fault({ match: BLOBS, fault: changingEtag() });
  kit.registry.fault({
    match: layerFaults(image),
    times: 3,
    fault: cutAfter(60_000),
  });
  await kit.assertStored(image, await kit.pull(reference));
  assert.ok(layerRequests(kit, image).length <= 6);
});

Deno.test("pull() asks the registry again when a signed URL has expired between two ranges", async () => {
  await using kit = await startKit({ redirectBlobs: true, signedUrlUses: 1 });
  const image = imageOf(300_000);
  const reference = kit.registry.push("a", "b", image);
  kit.registry.fault({ match: BLOBS, times: 3, fault: cutAfter(70_000) });
  const result = await kit.pull(reference);
  await kit.assertStored(image, result);
  assert.equal(result.bytesDownloaded, result.bytesTotal);
});

Deno.test("pull() survives a registry that restarts in the middle", async () => {
  await using kit = await startKit();
  const image = imageOf(600_000);
  const reference = kit.registry.push("a", "b", image);
  kit.registry.fault({ match: BLOBS, fault: throttle(2_000_000) });
  let cuts = 3;
  const result = await kit.pull(reference, {
    ...EAGER,
    onEvent: (event) => {
      if (event.event === "blob-progress" && cuts-- > 0) {
        kit.registry.server.cutConnections();
      }
    },
  });
  await kit.assertStored(image, result);
});

Deno.test("pull() hands a range over when a mirror fails in the middle of a blob", async () => {
  await using mirror = startFakeRegistry();
  await using kit = await startKit({
    endpointsOf: (registry) => {
      const origin = originEndpoint(registry);
      const base = new URL(`${mirror.url}/v2/`);
      return Promise.resolve([{
        ...origin,
        name: mirror.host,
        base,
        isMirror: true,
      }, origin]);
    },
  });
  const image = imageOf(300_000);
  const reference = kit.registry.push("a", "b", image);
  mirror.push("a", "b", image);
  mirror.fault({ match: layerFaults(image), fault: cutAfter(100_000) });
  const result = await kit.pull(reference);
  await kit.assertStored(image, result);
  assert.equal(mirror.requests.filter(layerFaults(image)).length, 1);
  const [rest, ...more] = layerRequests(kit, image);
  assert.equal(
    rest?.headers.get("range"),
    `bytes=100000-${layerOf(image).size - 1}`,
  );
  assert.deepEqual(more, []);
});

Deno.test("pull() goes to another source when a mirror serves other bytes", async () => {
  await using mirror = startFakeRegistry();
  await using kit = await startKit({
    endpointsOf: (registry) => {
      const origin = originEndpoint(registry);
      const base = new URL(`${mirror.url}/v2/`);
      return Promise.resolve([{
        ...origin,
        name: mirror.host,
        base,
        isMirror: true,
      }, origin]);
    },
  });
  const image = imageOf(300_000);
  const reference = kit.registry.push("a", "b", image);
  mirror.push("a", "b", image);
  mirror.fault({ match: layerFaults(image), fault: flipByte(9) });
  await kit.assertStored(image, await kit.pull(reference));
  assert.equal(layerRequests(kit, image).length, 1);
});

Deno.test("pull() is right whatever the wall clock does", async () => {
  const jumps = [0, 86_400_000, -86_400_000, 3_600_000, -1];
  const realNow = Date.now;
  let reads = 0;
  Date.now = () => realNow() + (jumps[reads++ % jumps.length] ?? 0);
  try {
    await using kit = await startKit();
    const image = imageOf(400_000);
    const reference = kit.registry.push("a", "b", image);
    kit.registry.fault({ match: BLOBS, fault: throttle(4_000_000) });
    kit.registry.fault({ match: BLOBS, times: 2, fault: cutAfter(90_000) });
    await kit.assertStored(image, await kit.pull(reference, EAGER));
  } finally {
    Date.now = realNow;
  }
});
