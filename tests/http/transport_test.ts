import { deepEqual, equal, ok, rejects } from "node:assert/strict";
import { fileURLToPath } from "node:url";
import { UnavailableError } from "../../src/errors.ts";
import { readCapped } from "../../src/http/body_reader.ts";
import type { LogEntry } from "../../src/http/log.ts";
import { createTransport } from "../../src/http/transport.ts";
import { makeCertificates } from "../testing/certificates.ts";
import { rawResponse } from "../testing/raw_response.ts";
import { startRawServer } from "../testing/raw_server.ts";
import { mustRun } from "../testing/run_command.ts";

Deno.test("createTransport() sends what it is given, and says who it is", async () => {
  await using server = startRawServer(() =>
    rawResponse(200, { "x-a": "b" }, "hello")
  );
  using transport = createTransport({ userAgent: "dray/1.2.3" });
  const url = new URL(`${server.url}/v2/?x=1`);
  const response = await transport({
    url,
    method: "POST",
    body: "a=b",
    headers: { "content-type": "text/x", "X-Custom": "y" },
  });
  deepEqual([response.status, response.url, response.headers.get("x-a")], [
    200,
    url.href,
    "b",
  ]);
  equal(new TextDecoder().decode(await readCapped(response, 5)), "hello");
  const [request] = server.requests;
  deepEqual([request?.method, request?.target, request?.body], [
    "POST",
    "/v2/?x=1",
    "a=b",
  ]);
  const names = ["content-type", "x-custom", "user-agent", "accept-encoding"];
  deepEqual(names.map((name) => request?.headers.get(name)), [
    "text/x",
    "y",
    "dray/1.2.3",
    "identity",
  ]);
});

Deno.test("createTransport() returns answers of any status as they are", async () => {
  await using server = startRawServer(({ path }) =>
    rawResponse(Number(path.slice(1)), {}, path === "/304" ? "" : "body")
  );
  using transport = createTransport();
  for (const status of [200, 206, 304, 400, 401, 403, 404, 416]) {
    const response = await transport({
      url: new URL(`${server.url}/${status}`),
    });
    equal(response.status, status);
    await response.body?.cancel();
  }
  equal(server.requests.length, 8);
});

Deno.test("createTransport() gives each concurrent request a connection, and uses them again", async () => {
  await using server = startRawServer(() => ({
    ...rawResponse(200, {}, "x"),
    delayMs: 50,
  }));
  using transport = createTransport();
  const ask = async () =>
    await (await transport({ url: new URL(server.url) })).text();
  await Promise.all([ask(), ask(), ask(), ask()]);
  equal(server.connections, 4);
  await Promise.all([ask(), ask(), ask(), ask()]);
  equal(server.connections, 4);
  equal(server.peakInFlight, 4);
});

Deno.test("createTransport() speaks HTTP/1.1 to servers that would speak HTTP/2", async () => {
  await using certificates = await makeCertificates();
  const { cert, key } = certificates;
  const ports: number[] = [];
  await using server = Deno.serve({
    port: 0,
    hostname: "127.0.0.1",
    cert,
    key,
    onListen() {},
  }, async (_request, { remoteAddr }) => {
    ports.push(remoteAddr.port);
    while (ports.length < 2) {
      await new Promise((resolve) => setTimeout(resolve));
    }
    return new Response();
  });
  using transport = createTransport({ caCerts: [certificates.ca] });
  const url = new URL(`https://127.0.0.1:${server.addr.port}/`);
  await Promise.all([transport({ url }), transport({ url })]);
  equal(new Set(ports).size, 2);
});

Deno.test("createTransport() follows a redirect to another port without credentials, and retries there", async () => {
  await using storage = startRawServer(({ index }) =>
    rawResponse(index === 0 ? 503 : 206, {}, "part")
  );
  await using registry = startRawServer(() =>
    rawResponse(
      307,
      { location: `${storage.url}/blob?X-Amz-Signature=SECRET` },
      "moved",
    )
  );
  const entries: LogEntry[] = [];
  const reasons: string[] = [];
  using transport = createTransport({
    onLog: (entry) => entries.push(entry),
    retry: { random: () => 0 },
  });
  const headers = {
    authorization: "Bearer SECRET",
    cookie: "SECRET",
    "x-api-key": "SECRET",
    range: "bytes=0-3",
  };
  const onRetry = (
    { host, reason }: { readonly host: string; readonly reason: string },
  ) => reasons.push(`${host} ${reason}`);
  const response = await transport({
    url: new URL(registry.url),
    headers,
    onRetry,
  });
  equal(await response.text(), "part");
  equal(registry.requests[0]?.headers.get("authorization"), "Bearer SECRET");
  for (const { headers } of storage.requests) {
    deepEqual(
      ["authorization", "cookie", "x-api-key", "range"].map((name) =>
        headers.get(name)
      ),
      [null, null, null, "bytes=0-3"],
    );
  }
  deepEqual(reasons, [`${storage.host} HTTP 503`]);
  deepEqual(entries.map(({ status }) => status), [307, 503, 206]);
  ok(!JSON.stringify(entries).includes("SECRET"));
});

Deno.test("createTransport() tries again where the connection is cut before the answer", async () => {
  await using server = startRawServer(({ index }) => ({
    ...rawResponse(200, {}, "x"),
    hangUp: index < 2,
  }));
  using transport = createTransport({ retry: { random: () => 0 } });
  equal((await transport({ url: new URL(server.url) })).status, 200);
});

Deno.test("createTransport() gives up on a server that answers rubbish, or heads without end", async () => {
  const rubbish = new TextEncoder().encode("rubbish\r\n\r\n");
  await using server = startRawServer(({ path }) =>
    path === "/rubbish"
      ? { ...rawResponse(200), raw: rubbish }
      : { ...rawResponse(200), endlessHead: true }
  );
  using transport = createTransport({
    retry: { maxAttempts: 2, random: () => 0 },
  });
  for (const path of ["/rubbish", "/endless"]) {
    await rejects(transport({ url: new URL(server.url + path) }), (error) => {
      ok(error instanceof UnavailableError, String(error));
      deepEqual([error.code, error.details.attempts], ["unreachable", 2]);
      return true;
    });
  }
});

Deno.test("createTransport() throws the signal's reason at once", async () => {
  await using server = startRawServer(() => ({
    ...rawResponse(200),
    delayMs: Infinity,
  }));
  using transport = createTransport();
  const controller = new AbortController();
  const reason = new Error("enough");
  const answer = transport({
    url: new URL(server.url),
    signal: controller.signal,
  });
  const start = performance.now();
  controller.abort(reason);
  await rejects(answer, (error) => error === reason);
  await rejects(
    transport({ url: new URL(server.url), signal: controller.signal }),
    (error) => error === reason,
  );
  ok(performance.now() - start < 500);
});

Deno.test("createTransport() sends nothing once it is closed", async () => {
  await using server = startRawServer(() => rawResponse(200));
  const transport = createTransport();
  await (await transport({ url: new URL(server.url) })).body?.cancel();
  transport.close();
  transport.close();
  await rejects(transport({ url: new URL(server.url) }), /closed/);
  equal(server.requests.length, 1);
});

Deno.test("createTransport() keeps no process alive, closed or not", async () => {
  await using certificates = await makeCertificates();
  await using plain = startRawServer(() => rawResponse(200, {}, "x"));
  await using secure = startRawServer(() => rawResponse(200, {}, "x"), {
    tls: certificates,
  });
  const module = fileURLToPath(
    new URL("../../src/http/transport.ts", import.meta.url),
  );
  for (const close of ["", "transport.close();"]) {
    const program = `
      import { createTransport } from ${JSON.stringify(module)};
      const transport = createTransport({ insecureHosts: ["${secure.host}"] });
      for (const url of ["${plain.url}", "${secure.url}"]) {
        const response = await transport({ url: new URL(url) });
        await response.text();
        await transport({ url: new URL(url), method: "HEAD" });
      }
      ${close}
      console.log(performance.timeOrigin + performance.now());`;
    const output = await mustRun(Deno.execPath(), ["eval", "--quiet", program]);
    const lingeredMs = performance.timeOrigin + performance.now() -
      Number(output);
    ok(lingeredMs < 2_000, `${lingeredMs}`);
  }
});
