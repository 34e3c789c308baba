import { deepEqual, equal, ok, rejects } from "node:assert/strict";
import fc from "fast-check";
import { IntegrityError, UnavailableError } from "../../src/errors.ts";
import { openBody, readCapped } from "../../src/http/body_reader.ts";
import { createTransport } from "../../src/http/transport.ts";
import { delay } from "../testing/delay.ts";
import { rawResponse } from "../testing/raw_response.ts";
import { startRawServer } from "../testing/raw_server.ts";

/** 256 KiB in which every position can be told from its neighbours. */
const CONTENT = Uint8Array.from(
  { length: 262_144 },
  (_, at) => (at * 31 + (at >> 8)) & 0xff,
);

/** Reads to the end through one buffer; gives the bytes and how often the memory was another. */
async function drain(
  response: Response,
  bufferBytes: number,
  signal?: AbortSignal,
): Promise<Uint8Array> {
  const body = openBody(response, signal === undefined ? {} : { signal });
  const whole = new Uint8Array(CONTENT.length * 2);
  let memory = new Uint8Array(bufferBytes);
  let size = 0;
  while (true) {
    const part = await body.read(memory);
    equal(part.buffer.byteLength, bufferBytes);
    if (part.length === 0) return whole.subarray(0, size);
    whole.set(part, size);
    size += part.length;
    memory = new Uint8Array(part.buffer);
  }
}

Deno.test("openBody() reads a body through one reused buffer, of a byte stream or another", async () => {
  const chunks = () =>
    new ReadableStream<Uint8Array<ArrayBuffer>>({
      start(controller) {
        for (let at = 0; at < CONTENT.length; at += 10_000) {
          controller.enqueue(CONTENT.slice(at, at + 10_000));
        }
        controller.enqueue(new Uint8Array(0));
        controller.close();
      },
    });
  for (const bufferBytes of [1_000, 65_536, 1_048_576]) {
    deepEqual(await drain(new Response(CONTENT), bufferBytes), CONTENT);
    deepEqual(await drain(new Response(chunks()), bufferBytes), CONTENT);
  }
});

Deno.test("openBody() reads what a server sends", async () => {
  await using server = startRawServer((request) => ({
    ...rawResponse(200, {}, CONTENT),
    framing: request.path === "/chunked" ? "chunked" : "length",
  }));
  using transport = createTransport();
  for (const path of ["length", "chunked"]) {
    deepEqual(
      await drain(
        await transport({ url: new URL(`${server.url}/${path}`) }),
        65_536,
      ),
      CONTENT,
    );
  }
});

Deno.test("openBody() reads into a part of a buffer and leaves the rest alone", async () => {
  const body = openBody(new Response("abc"));
  const memory = new Uint8Array(10).fill(7);
  const part = await body.read(memory.subarray(4, 9));
  deepEqual([part.byteOffset, part.length], [4, 3]);
  deepEqual([...new Uint8Array(part.buffer)], [
    7,
    7,
    7,
    7,
    97,
    98,
    99,
    7,
    7,
    7,
  ]);
  equal((await body.read(new Uint8Array(5))).length, 0);
});

Deno.test("openBody() ends at once where there is no body", async () => {
  const memory = new Uint8Array(5);
  const part = await openBody(new Response(null, { status: 204 })).read(memory);
  deepEqual([part.length, part.buffer.byteLength], [0, 5]);
});

Deno.test("openBody() names the host when the connection breaks before the end", async () => {
  await using server = startRawServer(() => ({
    ...rawResponse(200, {}, CONTENT),
    cutAfter: 1000,
  }));
  using transport = createTransport();
  const response = await transport({
    url: new URL(`${server.url}/x?secret=1`),
  });
  const body = openBody(response);
  let size = 0;
  await rejects(async () => {
    for (
      let part = await body.read(new Uint8Array(4096));
      part.length > 0;
      part = await body.read(new Uint8Array(4096))
    ) size += part.length;
  }, (error) => {
    ok(error instanceof UnavailableError);
    equal(
      error.message,
      `Cannot reach "${server.host}": the connection broke before the end of its answer`,
    );
    deepEqual([error.code, error.details.failure], ["unreachable", "reset"]);
    return true;
  });
  equal(size, 1000);
});

Deno.test("openBody() gives up on a server that sends nothing any more", async () => {
  await using server = startRawServer(() => ({
    ...rawResponse(200, {}, CONTENT),
    stallAfter: 1000,
  }));
  using transport = createTransport();
  const body = openBody(await transport({ url: new URL(server.url) }), {
    idleTimeoutMs: 60,
  });
  equal((await body.read(new Uint8Array(4096))).length, 1000);
  const start = performance.now();
  await rejects(body.read(new Uint8Array(4096)), (error) => {
    ok(error instanceof UnavailableError);
    deepEqual([error.code, error.details.failure], ["timeout", "timeout"]);
    equal(
      error.message,
      `Cannot reach "${server.host}": it sent nothing for 0.06 s`,
    );
    return true;
  });
  const elapsedMs = performance.now() - start;
  ok(elapsedMs >= 55 && elapsedMs < 1000, `${elapsedMs}`);
  await rejects(body.read(new Uint8Array(4096)), UnavailableError);
});

Deno.test("openBody() bears a body that is slow but never silent, and a reader that takes its time", async () => {
  await using server = startRawServer(() => ({
    ...rawResponse(200, {}, CONTENT.subarray(0, 30)),
    bytesPerSecond: 100,
  }));
  using transport = createTransport();
  const body = openBody(await transport({ url: new URL(server.url) }), {
    idleTimeoutMs: 200,
  });
  let size = 0;
  for (
    let part = await body.read(new Uint8Array(64));
    part.length > 0;
    part = await body.read(new Uint8Array(64))
  ) {
    size += part.length;
    if (size === 10) await delay(250, new AbortController().signal);
  }
  equal(size, 30);
});

Deno.test("openBody() throws the signal's reason, before a read and during one", async () => {
  await using server = startRawServer(() => ({
    ...rawResponse(200, {}, CONTENT),
    stallAfter: 0,
  }));
  using transport = createTransport();
  const controller = new AbortController();
  const reason = new Error("enough");
  const body = openBody(await transport({ url: new URL(server.url) }), {
    signal: controller.signal,
  });
  const reading = body.read(new Uint8Array(10));
  controller.abort(reason);
  await rejects(reading, (error) => error === reason);
  await rejects(body.read(new Uint8Array(10)), (error) => error === reason);
  const late = openBody(new Response("x"), { signal: controller.signal });
  await rejects(late.read(new Uint8Array(10)), (error) => error === reason);
});

Deno.test("openBody() throws the reason of the request's own signal", async () => {
  await using server = startRawServer(() => ({
    ...rawResponse(200, {}, CONTENT),
    stallAfter: 0,
  }));
  using transport = createTransport();
  const controller = new AbortController();
  const reason = new Error("enough");
  const body = openBody(
    await transport({ url: new URL(server.url), signal: controller.signal }),
  );
  const reading = body.read(new Uint8Array(10));
  controller.abort(reason);
  await rejects(reading, (error) => error === reason);
});

Deno.test("openBody() can be cancelled more than once, also after a failure", async () => {
  await using server = startRawServer(() => ({
    ...rawResponse(200, {}, CONTENT),
    cutAfter: 10,
  }));
  using transport = createTransport();
  const body = openBody(await transport({ url: new URL(server.url) }));
  await rejects(async () => {
    while ((await body.read(new Uint8Array(10))).length > 0);
  });
  await body.cancel();
  await body.cancel();
});

Deno.test("readCapped() reads a body up to its limit, whatever length it claims", async () => {
  for (const size of [0, 1, 16_383, 16_384, 16_385, 100_000]) {
    for (
      const headers of [
        {},
        { "content-length": String(size) },
        { "content-length": "3" },
        { "content-length": "999999999" },
        { "content-length": "rubbish" },
      ]
    ) {
      const content = CONTENT.slice(0, size);
      deepEqual(
        await readCapped(new Response(content, { headers }), size),
        content,
      );
      deepEqual(
        await readCapped(new Response(content, { headers }), 200_000),
        content,
      );
    }
  }
});

Deno.test("readCapped() refuses a body beyond its limit, and reads no further", async () => {
  let pulled = 0;
  const endless = new ReadableStream({
    type: "bytes",
    pull(controller) {
      pulled += 1024;
      controller.enqueue(new Uint8Array(1024));
    },
  });
  const isTooLarge = (error: unknown) =>
    error instanceof IntegrityError && error.code === "document-too-large";
  await rejects(readCapped(new Response(endless), 10_000), isTooLarge);
  ok(pulled < 20_000, `${pulled}`);
  await rejects(
    readCapped(new Response(CONTENT), CONTENT.length - 1),
    isTooLarge,
  );
});

Deno.test("readCapped() reads back any body", async () => {
  await fc.assert(
    fc.asyncProperty(fc.uint8Array({ maxLength: 40_000 }), async (bytes) => {
      const content = Uint8Array.from(bytes);
      deepEqual(await readCapped(new Response(content), 40_000), content);
    }),
    { numRuns: 30 },
  );
});
