import { deepEqual, equal, ok, rejects } from "node:assert/strict";
import { gzipSync } from "node:zlib";
import { OperationError } from "../../src/errors.ts";
import { openBody, readCapped } from "../../src/http/body_reader.ts";
import { createTransport } from "../../src/http/transport.ts";
import { rawResponse } from "../testing/raw_response.ts";
import { type RawHandler, startRawServer } from "../testing/raw_server.ts";

const PLAIN = new TextEncoder().encode('{"schemaVersion":2}'.repeat(100));
const PACKED = Uint8Array.from(gzipSync(PLAIN));

async function fetchFrom(handler: RawHandler, expectedBytes?: number) {
  const server = startRawServer(handler);
  const transport = createTransport();
  const response = await transport({
    url: new URL(server.url),
    ...(expectedBytes === undefined ? {} : { expectedBytes }),
  }).catch(async (error) => {
    await server[Symbol.asyncDispose]();
    transport.close();
    throw error;
  });
  return {
    response,
    server,
    async [Symbol.asyncDispose]() {
      await response.body?.cancel().catch(() => {});
      transport.close();
      await server[Symbol.asyncDispose]();
    },
  };
}

Deno.test("withIdentity() asks for bytes as they are stored", async () => {
  await using result = await fetchFrom(() => rawResponse(200));
  equal(result.server.requests[0]?.headers.get("accept-encoding"), "identity");
});

Deno.test("withIdentity() decodes an answer that is encoded all the same", async () => {
  for (const encoding of ["gzip", "x-gzip", " GZIP "]) {
    await using result = await fetchFrom(
      () => rawResponse(200, { "content-encoding": encoding }, PACKED),
      PLAIN.length,
    );
    equal(result.response.headers.get("content-encoding"), null);
    equal(result.response.headers.get("content-length"), null);
    equal(result.response.url, `${result.server.url}/`);
    deepEqual(await readCapped(result.response, PLAIN.length), PLAIN);
  }
});

Deno.test("withIdentity() decodes the error document of a failure", async () => {
  await using result = await fetchFrom(() =>
    rawResponse(404, { "content-encoding": "gzip" }, PACKED)
  );
  equal(result.response.status, 404);
  deepEqual(await readCapped(result.response, 10_000), PLAIN);
});

Deno.test("withIdentity() believes the length rather than a wrong label", async () => {
  await using result = await fetchFrom(
    () => rawResponse(200, { "content-encoding": "gzip" }, PACKED),
    PACKED.length,
  );
  equal(result.response.headers.get("content-encoding"), null);
  equal(result.response.headers.get("content-length"), String(PACKED.length));
  deepEqual(await readCapped(result.response, PACKED.length), PACKED);
  await using part = await fetchFrom(
    () =>
      rawResponse(206, {
        "content-encoding": "gzip",
        "content-range": `bytes 0-9/${PACKED.length}`,
      }, PACKED.subarray(0, 10)),
    PACKED.length,
  );
  deepEqual(await readCapped(part.response, 10), PACKED.subarray(0, 10));
});

Deno.test("withIdentity() lets an answer pass that says it is not encoded", async () => {
  await using result = await fetchFrom(() =>
    rawResponse(200, { "content-encoding": "identity" }, PLAIN)
  );
  deepEqual(await readCapped(result.response, PLAIN.length), PLAIN);
});

Deno.test("withIdentity() refuses what it can't mend: a part of an encoded whole, an unknown encoding", async () => {
  const cases: readonly RawHandler[] = [
    () =>
      rawResponse(206, {
        "content-encoding": "gzip",
        "content-range": "bytes 0-9/12345",
      }, PACKED.subarray(0, 10)),
    () => rawResponse(200, { "content-encoding": "br" }, PACKED),
    () => rawResponse(200, { "content-encoding": "gzip, gzip" }, PACKED),
    () => rawResponse(200, { "content-encoding": "constructor" }, PACKED),
  ];
  for (const handler of cases) {
    await rejects(fetchFrom(handler, 777), (error) => {
      ok(error instanceof OperationError, String(error));
      equal(error.code, "protocol");
      return true;
    });
  }
});

Deno.test("withIdentity() never unpacks more than the reader takes", async () => {
  const bomb = Uint8Array.from(gzipSync(new Uint8Array(50_000_000)));
  await using result = await fetchFrom(() =>
    rawResponse(200, { "content-encoding": "gzip" }, bomb)
  );
  await rejects(readCapped(result.response, 100_000), /more than 100000 bytes/);
});

Deno.test("withIdentity() fails on an encoded answer that is damaged", async () => {
  await using result = await fetchFrom(() =>
    rawResponse(
      200,
      { "content-encoding": "gzip" },
      PACKED.subarray(0, PACKED.length - 9),
    )
  );
  const body = openBody(result.response);
  await rejects(async () => {
    while ((await body.read(new Uint8Array(100_000))).length > 0);
  }, /Cannot reach/);
});
