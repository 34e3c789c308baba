import assert from "node:assert/strict";
import { rawResponse } from "./raw_response.ts";
import { startRawServer } from "./raw_server.ts";
import { makeCertificates } from "./certificates.ts";

Deno.test("startRawServer() records requests, connections and what was sent", async () => {
  await using server = startRawServer(() =>
    rawResponse(200, { "X-A": "b" }, "hello")
  );
  for (const body of ["one", "two"]) {
    const response = await fetch(`${server.url}/path?q=1`, {
      method: "POST",
      body,
    });
    assert.equal(await response.text(), "hello");
    assert.equal(response.headers.get("content-length"), "5");
  }
  assert.deepEqual(
    server.requests.map((
      r,
    ) => [r.method, r.path, r.query.get("q"), r.body, r.status, r.bytesSent]),
    [["POST", "/path", "1", "one", 200, 5], [
      "POST",
      "/path",
      "1",
      "two",
      200,
      5,
    ]],
  );
  assert.equal(server.connections, 1);
  assert.equal(server.requests[0]?.remotePort, server.requests[1]?.remotePort);
});

Deno.test("startRawServer() answers HEAD with a length and no body", async () => {
  await using server = startRawServer(() => rawResponse(200, {}, "hello"));
  const response = await fetch(server.url, { method: "HEAD" });
  assert.equal(response.headers.get("content-length"), "5");
  assert.equal(await response.text(), "");
  assert.equal(server.requests[0]?.bytesSent, 0);
});

Deno.test("startRawServer() counts requests in flight at one time", async () => {
  const gate = Promise.withResolvers<void>();
  await using server = startRawServer(async () => {
    if (server.peakInFlight === 3) gate.resolve();
    await gate.promise;
    return rawResponse(200, {}, "x");
  });
  const answers = [1, 2, 3].map(async () =>
    await (await fetch(server.url)).text()
  );
  assert.deepEqual(await Promise.all(answers), ["x", "x", "x"]);
  assert.equal(server.peakInFlight, 3);
  assert.equal(server.connections, 3);
});

Deno.test("startRawServer() ends stalled answers when it is disposed", async () => {
  const server = startRawServer(() => ({
    ...rawResponse(200, {}, "0123456789"),
    stallAfter: 4,
  }));
  const response = await fetch(server.url);
  const reader = response.body?.getReader();
  assert.equal((await reader?.read())?.value?.length, 4);
  await server[Symbol.asyncDispose]();
  await assert.rejects(async () => await reader?.read(), TypeError);
});

Deno.test("startRawServer() sees a client that goes while an answer is delayed for ever", async () => {
  await using server = startRawServer(() => ({
    ...rawResponse(200),
    delayMs: Infinity,
  }));
  const controller = new AbortController();
  const answer = fetch(server.url, { signal: controller.signal });
  while (server.requests.length === 0) {
    await new Promise((resolve) => setTimeout(resolve));
  }
  controller.abort();
  await assert.rejects(answer, { name: "AbortError" });
  while (server.requests[0]?.ended !== true) {
    await new Promise((resolve) => setTimeout(resolve));
  }
});

Deno.test("startRawServer() speaks TLS with a certificate of makeCertificates()", async () => {
  await using certificates = await makeCertificates();
  await using server = startRawServer(() => rawResponse(200, {}, "safe"), {
    tls: certificates,
  });
  using client = Deno.createHttpClient({ caCerts: [certificates.ca] });
  const response = await fetch(server.url, { client });
  assert.equal(await response.text(), "safe");
  await assert.rejects(fetch(server.url), TypeError);
});
