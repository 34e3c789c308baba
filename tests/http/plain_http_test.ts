import { deepEqual, equal, ok, rejects } from "node:assert/strict";
import { UnavailableError } from "../../src/errors.ts";
import type { HttpRequest, Transport } from "../../src/http/http_request.ts";
import { withPlainHttp } from "../../src/http/plain_http.ts";
import { createTransport } from "../../src/http/transport.ts";
import { makeCertificates } from "../testing/certificates.ts";
import { rawResponse } from "../testing/raw_response.ts";
import { startRawServer } from "../testing/raw_server.ts";
import { startRawSocket } from "../testing/raw_socket.ts";

/** Answers nothing but remembers where requests went. */
function recording(): { readonly send: Transport; readonly urls: string[] } {
  const urls: string[] = [];
  return {
    urls,
    send: ({ url }) => {
      urls.push(url.href);
      return Promise.resolve(new Response());
    },
  };
}

Deno.test("withPlainHttp() speaks plain HTTP to the hosts that were named, and to no others", async () => {
  const cases: readonly (readonly [
    Omit<HttpRequest, "url"> & { readonly url: string },
    string,
  ])[] = [
    [{ url: "https://named.example/x?y=1" }, "http://named.example/x?y=1"],
    [{ url: "https://named.example:5000/" }, "https://named.example:5000/"],
    [{ url: "https://ported.example:5000/" }, "http://ported.example:5000/"],
    [{ url: "https://ported.example/" }, "https://ported.example/"],
    [
      { url: "https://named.example/", allowPlainHttp: "never" },
      "https://named.example/",
    ],
    [
      { url: "https://other.example/", allowPlainHttp: "always" },
      "http://other.example/",
    ],
    [{ url: "https://other.example/" }, "https://other.example/"],
    [{ url: "https://10.0.0.1/" }, "https://10.0.0.1/"],
    [
      { url: "http://other.example/", allowPlainHttp: "never" },
      "http://other.example/",
    ],
  ];
  for (const [request, expected] of cases) {
    const { send, urls } = recording();
    const transport = withPlainHttp({
      plainHttpHosts: ["named.example", "ported.example:5000"],
    })(send);
    await transport({ ...request, url: new URL(request.url) });
    deepEqual(urls, [expected]);
  }
});

Deno.test("createTransport() falls back to plain HTTP on loopback, asking once for all callers", async () => {
  await using server = startRawServer((request) =>
    request.method === "GET" ? rawResponse(200) : rawResponse(400)
  );
  const notices: string[] = [];
  using transport = createTransport({
    onNotice: (notice) => notices.push(notice),
  });
  const url = new URL(`https://127.0.0.1:${server.port}/v2/`);
  const answers = await Promise.all(
    Array.from({ length: 5 }, () => transport({ url })),
  );
  deepEqual(answers.map(({ status }) => status), [200, 200, 200, 200, 200]);
  await transport({ url });
  equal(server.requests.length, 6);
  deepEqual(notices, [
    `"127.0.0.1:${server.port}" does not speak TLS: using plain HTTP, as it is on this machine`,
  ]);
});

Deno.test("createTransport() falls back on localhost and [::1] as well", async () => {
  await using named = startRawServer((request) =>
    rawResponse(request.method === "GET" ? 200 : 400)
  );
  await using six = startRawServer(
    (request) => rawResponse(request.method === "GET" ? 200 : 400),
    { hostname: "::1" },
  );
  using transport = createTransport();
  equal(
    (await transport({ url: new URL(`https://localhost:${named.port}/`) }))
      .status,
    200,
  );
  equal(
    (await transport({ url: new URL(`https://[::1]:${six.port}/`) })).status,
    200,
  );
});

Deno.test("createTransport() never falls back because of a bad certificate", async () => {
  await using certificates = await makeCertificates();
  await using server = startRawServer(() => rawResponse(200), {
    tls: certificates,
  });
  using transport = createTransport();
  await rejects(
    transport({ url: new URL(server.url) }),
    (error) => error instanceof UnavailableError && error.code === "tls",
  );
  deepEqual(server.requests, []);
});

Deno.test("createTransport() does not fall back where that is not allowed, and says what would help", async () => {
  const answers = { plain: "HTTP/1.1 400 Bad Request\r\n\r\n", "hangs up": "" };
  for (const [name, answer] of Object.entries(answers)) {
    await using socket = startRawSocket(answer);
    using transport = createTransport({
      retry: { maxAttempts: 2, random: () => 0 },
    });
    await rejects(
      transport({
        url: new URL(`https://127.0.0.1:${socket.port}/`),
        allowPlainHttp: "never",
      }),
      (error) => {
        ok(error instanceof UnavailableError);
        equal(error.code, "tls", name);
        ok(error.hint?.includes("--plain-http"));
        return true;
      },
    );
    for (const bytes of socket.received) {
      equal(bytes.startsWith("\x16\x03"), true, "nothing but TLS was sent");
    }
  }
});

Deno.test("createTransport() calls a port where nobody listens out of reach, and finds it when it is there", async () => {
  const listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const { port } = listener.addr;
  listener.close();
  using transport = createTransport({
    retry: { maxAttempts: 2, random: () => 0 },
  });
  const url = new URL(`https://127.0.0.1:${port}/`);
  await rejects(
    transport({ url }),
    (error) =>
      error instanceof UnavailableError && error.code === "unreachable",
  );
  await using _server = startRawServer(
    (request) => rawResponse(request.method === "GET" ? 200 : 400),
    { port },
  );
  equal((await transport({ url })).status, 200);
});

Deno.test("withPlainHttp() ends the wait for a silent port when the signal is aborted", async () => {
  await using socket = startRawSocket();
  const controller = new AbortController();
  const reason = new Error("enough");
  const { send, urls } = recording();
  const transport = withPlainHttp()(send);
  const url = new URL(`https://127.0.0.1:${socket.port}/`);
  const other = transport({ url });
  const answer = transport({ url, signal: controller.signal });
  controller.abort(reason);
  await rejects(answer, (error) => error === reason);
  await other; // the other caller's wait goes on
  deepEqual(urls, Array(2).fill(`http://127.0.0.1:${socket.port}/`));
});

Deno.test("withPlainHttp() opens no connection of its own where a first request without secrets is answered in plain", async () => {
  for (const status of [200, 401, 404, 429, 503]) {
    await using server = startRawServer(() => rawResponse(status));
    const notices: string[] = [];
    using transport = createTransport({
      onNotice: (notice) => notices.push(notice),
      retry: { maxAttempts: 1 },
    });
    const url = new URL(`https://127.0.0.1:${server.port}/`);
    const headers = { Accept: "*/*", range: "bytes=0-1" };
    equal((await transport({ url, headers })).status, status);
    equal(server.connections, 1);
    equal(notices.length, 1);
  }
});

Deno.test("withPlainHttp() asks a port that answers 400, and keeps the answer where it is plain", async () => {
  await using server = startRawServer(() => rawResponse(400));
  using transport = createTransport();
  const url = new URL(`https://127.0.0.1:${server.port}/`);
  equal((await transport({ url })).status, 400);
  deepEqual(
    server.requests.filter(({ method }) => method === "GET").length,
    1,
  );
});

Deno.test("withPlainHttp() sends no credentials to a port that may speak TLS", async () => {
  await using certificates = await makeCertificates();
  await using server = startRawServer(() => rawResponse(200), {
    tls: certificates,
  });
  const { host, port } = server;
  for (
    const secret of [
      { headers: { authorization: "Basic eDp5" } },
      { headers: { "x-token": "secret" } },
      { method: "POST", body: "password=secret" },
    ] as const
  ) {
    const { send, urls } = recording();
    const url = new URL(`https://127.0.0.1:${port}/`);
    await withPlainHttp()(send)({ url, ...secret });
    deepEqual(urls, [`https://${host}/`]);
  }
});

for (const answer of ["400", "a redirect", "no HTTP"]) {
  Deno.test(`withPlainHttp() speaks TLS to a port that gives ${answer} to plain HTTP`, async () => {
    await using certificates = await makeCertificates();
    await using server = startRawServer(() => rawResponse(200), {
      tls: certificates,
    });
    const { send, urls } = recording();
    const transport = withPlainHttp()((request) => {
      if (request.url.protocol === "https:") return send(request);
      void send(request);
      if (answer === "no HTTP") return Promise.reject(new Error(answer));
      const status = answer === "a redirect" ? 308 : 400;
      return Promise.resolve(new Response("no", { status }));
    });
    const url = new URL(`https://127.0.0.1:${server.port}/`);
    equal((await transport({ url })).status, 200);
    equal((await transport({ url })).status, 200);
    const [plain, secure] = [url.href.replace("https", "http"), url.href];
    deepEqual(urls, [plain, secure, secure]);
  });
}
