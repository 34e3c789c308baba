import { equal, ok } from "node:assert/strict";
import { discardBody } from "../../src/http/discard_body.ts";
import { createTransport } from "../../src/http/transport.ts";
import { rawResponse } from "../testing/raw_response.ts";
import { startRawServer } from "../testing/raw_server.ts";

Deno.test("discardBody() keeps the connection of a short answer for the next request", async () => {
  await using server = startRawServer(() => ({
    ...rawResponse(404, {}, "x".repeat(500)),
    bytesPerSecond: 5_000,
  }));
  using transport = createTransport();
  for (let count = 0; count < 3; count++) {
    await discardBody(await transport({ url: new URL(server.url) }));
  }
  equal(server.connections, 1);
});

Deno.test("discardBody() breaks off a long answer, a silent one and one that trickles", async () => {
  const answers = {
    "/long": { ...rawResponse(500, {}, new Uint8Array(10_000_000)) },
    "/endless": {
      ...rawResponse(500, {}, "x"),
      endless: true,
      framing: "chunked" as const,
    },
    "/trickle": {
      ...rawResponse(500, {}, "x".repeat(100)),
      bytesPerSecond: 10,
    },
    "/silent": { ...rawResponse(500, {}, "x".repeat(100)), stallAfter: 1 },
  };
  await using server = startRawServer(({ path }) =>
    answers[path as keyof typeof answers]
  );
  using transport = createTransport({ retry: { maxAttempts: 1 } });
  for (const path of Object.keys(answers)) {
    const start = performance.now();
    await discardBody(await transport({ url: new URL(server.url + path) }));
    ok(performance.now() - start < 2_000);
  }
  for (const request of server.requests) ok(request.bytesSent < 10_000_000);
});

Deno.test("discardBody() bears a body that breaks, and none", async () => {
  await using server = startRawServer(() => ({
    ...rawResponse(500, {}, "x".repeat(100)),
    cutAfter: 1,
  }));
  using transport = createTransport({ retry: { maxAttempts: 1 } });
  await discardBody(await transport({ url: new URL(server.url) }));
  await discardBody(new Response(null));
});
