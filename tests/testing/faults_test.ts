import assert from "node:assert/strict";
import { type FakeRegistry, startFakeRegistry } from "./fake_registry.ts";
import * as faults from "./faults.ts";
import { buildImage, buildLayer } from "./image_builder.ts";

const layer = buildLayer({ randomBytes: 100_000 });
const image = buildImage({ layers: [layer] });
const size = layer.descriptor.size;

function blobUrl(registry: FakeRegistry): string {
  return `${registry.url}/v2/app/blobs/${layer.descriptor.digest}`;
}

async function withFault(
  fault: faults.Fault,
  run: (url: string, registry: FakeRegistry) => Promise<void>,
): Promise<void> {
  await using registry = startFakeRegistry({
    faults: [{ match: faults.BLOBS, fault }],
  });
  registry.push("app", "v1", image);
  await run(blobUrl(registry), registry);
}

async function get(
  url: string,
  range?: string,
): Promise<{ response: Response; body: Uint8Array }> {
  const headers = {
    "Accept-Encoding": "identity",
    ...range === undefined ? {} : { range },
  };
  const response = await fetch(url, { headers });
  return { response, body: await response.bytes() };
}

for (
  const [name, fault, sent] of [
    ["cutAfter()", faults.cutAfter(5000), 5000],
    ["cutAfter() at once", faults.cutAfter(0), 0],
    ["claimLength() above the body", faults.claimLength(size + 1), size],
  ] as const
) {
  Deno.test(`${name} gives the client an error, not a short body`, () =>
    withFault(fault, async (url, registry) => {
      await assert.rejects(get(url), TypeError);
      assert.equal(registry.requests[0]?.bytesSent, sent);
    }));
}

Deno.test("hangUp() and rawAnswer() reject the fetch", async () => {
  for (
    const fault of [faults.hangUp(), faults.rawAnswer("SSH-2.0-nonsense\r\n")]
  ) {
    await withFault(fault, (url) => assert.rejects(fetch(url), TypeError));
  }
});

Deno.test("flipByte() changes the byte at that offset, in ranges too", () =>
  withFault(faults.flipByte(1000), async (url) => {
    const right = layer.bytes;
    const { body } = await get(url);
    assert.equal(body.length, right.length);
    assert.deepEqual(body.subarray(0, 1000), right.subarray(0, 1000));
    assert.notEqual(body[1000], right[1000]);
    assert.deepEqual(
      (await get(url, "bytes=0-999")).body,
      right.slice(0, 1000),
    );
    assert.equal((await get(url, "bytes=1000-1000")).body[0], body[1000]);
  }));

Deno.test("range faults change what a 206 says and holds", async () => {
  const part = "bytes=100-199";
  await withFault(faults.ignoreRange(), async (url) => {
    const { response, body } = await get(url, part);
    assert.deepEqual([response.status, body.length], [200, size]);
    assert.equal(response.headers.get("content-range"), null);
  });
  await withFault(faults.shiftRange(10), async (url) => {
    const { response, body } = await get(url, part);
    assert.equal(
      response.headers.get("content-range"),
      `bytes 110-209/${size}`,
    );
    assert.deepEqual(body, layer.bytes.slice(110, 210));
  });
  await withFault(faults.claimRange("bytes 100-199/5"), async (url) => {
    const { response } = await get(url, part);
    assert.equal(response.headers.get("content-range"), "bytes 100-199/5");
  });
  await withFault(faults.multipartRange(), async (url) => {
    const { response, body } = await get(url, part);
    assert.match(
      response.headers.get("content-type") ?? "",
      /^multipart\/byteranges/,
    );
    assert.match(
      new TextDecoder("latin1").decode(body),
      /^--cut\r\nContent-Range: bytes 100-199/,
    );
  });
});

Deno.test("framing and header faults come through", async () => {
  await withFault(faults.chunked(), async (url) => {
    const { response, body } = await get(url);
    assert.equal(response.headers.get("content-length"), null);
    assert.equal(body.length, size);
  });
  await withFault(faults.untilClose(), async (url) => {
    assert.equal((await get(url)).body.length, size);
  });
  await withFault(faults.extraBytes(7), async (url) => {
    assert.equal((await get(url)).body.length, size + 7);
  });
  await withFault(faults.gzipEncoding(), async (url) => {
    const { response } = await get(url);
    assert.equal(response.headers.get("content-encoding"), "gzip");
  });
  await withFault(faults.changingEtag(), async (url) => {
    const first = await get(url);
    assert.notEqual(
      (await get(url)).response.headers.get("etag"),
      first.response.headers.get("etag"),
    );
  });
  await withFault(
    faults.setHeaders({ "docker-content-digest": "md5:no" }),
    async (url) => {
      assert.equal(
        (await get(url)).response.headers.get("docker-content-digest"),
        "md5:no",
      );
    },
  );
});

Deno.test("endlessBody() goes on until the client has enough", () =>
  withFault(faults.endlessBody(), async (url) => {
    const response = await fetch(url);
    let count = 0;
    for await (const piece of response.body ?? []) {
      count += piece.length;
      if (count > 20 * size) break;
    }
    assert.ok(count > 20 * size);
  }));

Deno.test("endlessHead() never gets to the body", () =>
  withFault(
    faults.endlessHead(),
    (url) => assert.rejects(fetch(url), TypeError),
  ));

Deno.test("throttle() spreads a body over time", () =>
  withFault(faults.throttle(500_000), async (url) => {
    const start = performance.now();
    assert.equal((await get(url)).body.length, size);
    assert.ok(performance.now() - start > 100);
  }));

Deno.test("FaultList strikes by skip, every and times", async () => {
  await using registry = startFakeRegistry();
  registry.push("app", "v1", image);
  registry.fault({
    match: /\/blobs\//,
    skip: 1,
    every: 2,
    times: 2,
    fault: faults.answerStatus(503),
  });
  const statuses = [];
  for (let request = 0; request < 7; request++) {
    statuses.push((await get(blobUrl(registry), "bytes=0-0")).response.status);
  }
  assert.deepEqual(statuses, [206, 206, 503, 206, 503, 206, 206]);
});
