import assert from "node:assert/strict";
import { LocalError } from "../../src/errors.ts";
import { startServer } from "../../src/serve/start_server.ts";

function ok(): Promise<Response> {
  return Promise.resolve(new Response("ok"));
}

Deno.test("startServer() listens on a free loopback port and stops when disposed", async () => {
  const server = startServer(ok);
  assert.equal(server.host, `127.0.0.1:${server.port}`);
  const url = `http://${server.host}/`;
  assert.equal(await (await fetch(url)).text(), "ok");
  await server[Symbol.asyncDispose]();
  await server.finished;
  await assert.rejects(fetch(url), TypeError);
});

Deno.test("startServer() writes an IPv6 address as a reference has it", async () => {
  await using server = startServer(ok, { hostname: "::1" });
  assert.equal(server.host, `[::1]:${server.port}`);
  assert.equal(await (await fetch(`http://${server.host}/`)).text(), "ok");
});

Deno.test("startServer() refuses an address in use, and one that is none", async () => {
  await using server = startServer(ok);
  assert.throws(
    () => startServer(ok, { port: server.port }),
    (error) =>
      error instanceof LocalError && error.code === "io" &&
      error.message ===
        `Cannot listen on "${server.host}": the address is in use`,
  );
  assert.throws(
    () => startServer(ok, { hostname: "192.0.2.1" }),
    (error) =>
      error instanceof LocalError && error.message.includes('"192.0.2.1:0"'),
  );
});

Deno.test("startServer() lets an answer on its way end when its signal aborts", async () => {
  const controller = new AbortController();
  const gate = Promise.withResolvers<void>();
  const arrived = Promise.withResolvers<void>();
  await using server = startServer(async () => {
    arrived.resolve();
    await gate.promise;
    return new Response("late");
  }, { signal: controller.signal });
  const answer = fetch(`http://${server.host}/`);
  await arrived.promise;
  controller.abort();
  gate.resolve();
  assert.equal(await (await answer).text(), "late");
  await server.finished;
});

Deno.test("startServer() cuts an answer that outlasts the grace period", async () => {
  const cancelled = Promise.withResolvers<void>();
  const server = startServer(() =>
    Promise.resolve(
      new Response(
        new ReadableStream({
          start: (stream) => stream.enqueue(new Uint8Array(10)),
          cancel: () => cancelled.resolve(),
        }),
        { headers: { "content-length": "100000" } },
      ),
    ), { graceMs: 50 });
  const response = await fetch(`http://${server.host}/`);
  await server[Symbol.asyncDispose]();
  await assert.rejects(response.bytes(), TypeError);
  await cancelled.promise;
});

Deno.test("startServer() does not start where its signal is aborted", () => {
  const signal = AbortSignal.abort(new Error("stopped"));
  assert.throws(() => startServer(ok, { signal }), /stopped/);
});
