import assert from "node:assert/strict";
import type { Exchange } from "../../../src/serve/http/serve_connection.ts";
import {
  type ServerOptions,
  startServer,
} from "../../../src/serve/start_server.ts";

const SIZE = 50_000_000;

/** Answers `/big` with more than any buffer holds, `/slow` when it is told to, `/broken` and `/failing` with bodies that fail, and all else with ok. */
function start(options: ServerOptions = {}) {
  const gone = Promise.withResolvers<void>();
  const exchanges: Exchange[] = [];
  const errors: unknown[] = [];
  const server = startServer(async (request, { signal }) => {
    const { pathname } = new URL(request.url);
    if (pathname === "/slow") {
      await new Promise<void>((resolve) =>
        signal.addEventListener("abort", () => resolve())
      );
      gone.resolve();
    }
    if (pathname === "/broken") {
      const body = new ReadableStream({
        start: (stream) => stream.enqueue(new Uint8Array(100_000)),
        pull: (stream) => stream.error(new Error("damaged")),
      });
      return new Response(body, { headers: { "content-length": "200000" } });
    }
    if (pathname === "/failing") {
      const body = new ReadableStream({
        pull: (stream) => stream.error(new Error("damaged")),
      });
      return new Response(body, { headers: { "content-length": "5" } });
    }
    if (pathname !== "/big") return new Response("ok");
    const body = new ReadableStream({
      type: "bytes",
      autoAllocateChunkSize: 65536,
      pull(controller): void {
        controller.byobRequest?.respond(
          controller.byobRequest.view?.byteLength ?? 0,
        );
      },
      cancel: () => gone.resolve(),
    });
    return new Response(body, { headers: { "content-length": `${SIZE}` } });
  }, {
    onExchange: (exchange) => exchanges.push(exchange),
    onError: (error) => errors.push(error),
    graceMs: 100,
    ...options,
  });
  return Object.assign(server, { gone: gone.promise, exchanges, errors });
}

async function connect(
  { port }: { readonly port: number },
  text: string,
): Promise<Deno.TcpConn> {
  const conn = await Deno.connect({ hostname: "127.0.0.1", port });
  await conn.write(new TextEncoder().encode(text));
  return conn;
}

/** All that comes until the server ends the connection. */
async function readAll(conn: Deno.Conn): Promise<string> {
  const decoder = new TextDecoder();
  let text = "";
  try {
    for await (const piece of conn.readable) text += decoder.decode(piece);
  } catch (error) {
    assert.ok(error instanceof Deno.errors.ConnectionReset);
  }
  return text;
}

Deno.test("a client that never ends its head loses its connection", async () => {
  await using server = start({ headTimeoutMs: 60 });
  const conn = await connect(server, "GET / HTTP/1.1\r\nHost: x\r\nA");
  assert.equal(await readAll(conn), "");
});

Deno.test("a client that sends its head byte by byte gets no more time for it", async () => {
  await using server = start({ headTimeoutMs: 60 });
  const conn = await connect(server, "G");
  const feed = setInterval(() => {
    conn.write(new Uint8Array([65])).catch(() => clearInterval(feed));
  }, 10);
  assert.equal(await readAll(conn), "");
  clearInterval(feed);
});

Deno.test("a client that asks for nothing more loses its connection", async () => {
  await using server = start({ idleTimeoutMs: 60 });
  const conn = await connect(server, "GET / HTTP/1.1\r\nHost: x\r\n\r\n");
  assert.match(await readAll(conn), /^HTTP\/1\.1 200 OK[^]*\r\n\r\nok$/);
});

Deno.test("a client that takes nothing of its answer loses its connection", async () => {
  await using server = start({ stallTimeoutMs: 60 });
  const conn = await connect(server, "GET /big HTTP/1.1\r\nHost: x\r\n\r\n");
  await server.gone;
  let received = 0;
  for await (const piece of conn.readable) received += piece.length;
  assert.ok(0 < received && received < SIZE);
});

Deno.test("a client that goes away ends the work for it", async () => {
  await using server = start();
  for (const path of ["/slow", "/big"]) {
    const conn = await connect(
      server,
      `GET ${path} HTTP/1.1\r\nHost: x\r\n\r\n`,
    );
    conn.close();
    await server.gone;
  }
});

Deno.test("a body that fails leaves the answer short, with no end of its own", async () => {
  await using server = start();
  const response = await fetch(`http://${server.host}/broken`);
  await assert.rejects(response.bytes(), TypeError);
  assert.match(String(server.errors), /damaged/);
  assert.equal(server.exchanges[0]?.isWhole, false);
});

Deno.test("a body that fails before anything went out is told with a status, which the log has", async () => {
  const server = start();
  const body = await fetch(`http://${server.host}/failing`).then((response) => {
    assert.equal(response.status, 500);
    return response.bytes();
  }).finally(() => server[Symbol.asyncDispose]());
  assert.match(String(server.errors), /damaged/);
  const [exchange] = server.exchanges;
  assert.deepEqual(
    [exchange?.status, exchange?.bytes, exchange?.isWhole],
    [500, body.length, true],
  );
});

Deno.test("a body that fails is followed by nothing that could be taken for more of it", async () => {
  await using server = start();
  const conn = await connect(
    server,
    "GET /broken HTTP/1.1\r\nHost: x\r\n\r\n",
  );
  const [, body = ""] = (await readAll(conn)).split("\r\n\r\n", 2);
  assert.equal(body.length, 100_000);
});

Deno.test("a client that ends its side is no failure of the server", async () => {
  await using server = start();
  for (const path of ["/slow", "/big"]) {
    const conn = await connect(
      server,
      `GET ${path} HTTP/1.1\r\nHost: x\r\n\r\n`,
    );
    await conn.closeWrite();
    assert.ok(!(await readAll(conn)).includes("HTTP/1.1 500"));
  }
  assert.deepEqual(server.errors, []);
});

Deno.test("a method that no request may have is refused", async () => {
  await using server = start();
  const conn = await connect(server, "TRACE / HTTP/1.1\r\nHost: x\r\n\r\n");
  assert.match(await readAll(conn), /^HTTP\/1\.1 501 /);
});

Deno.test("a client that still sends a body gets its whole answer", async () => {
  await using server = start();
  const size = 4_000_000;
  const conn = await connect(
    server,
    `PUT / HTTP/1.1\r\nHost: x\r\nContent-Length: ${size}\r\n\r\n`,
  );
  for (let sent = 0; sent < size;) {
    sent += await conn.write(new Uint8Array(size - sent));
  }
  assert.match(await readAll(conn), /^HTTP\/1\.1 200 OK[^]*ok$/);
});

Deno.test("requests that come together are answered in their order", async () => {
  await using server = start();
  const one = "GET /a HTTP/1.1\r\nHost: x\r\n\r\n";
  const last = "GET /b HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n";
  const text = await readAll(await connect(server, one + one + last));
  assert.equal(text.match(/HTTP\/1\.1 200 OK/g)?.length, 3);
  assert.deepEqual(
    server.exchanges.map(({ target }) => target),
    ["/a", "/a", "/b"],
  );
});

Deno.test("startServer() ends the work for a client that sent its next request already", async () => {
  const server = start();
  const ask = "GET /slow HTTP/1.1\r\nHost: x\r\n\r\n";
  const conn = await connect(server, ask);
  // Once another has its answer, what was sent before has been read.
  const other = "GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n";
  await readAll(await connect(server, other));
  await conn.write(new TextEncoder().encode(ask));
  await readAll(await connect(server, other));
  await server[Symbol.asyncDispose]();
  await server.gone;
  conn.close();
});

Deno.test("a body is never taken for the next request", async () => {
  await using server = start();
  const inner = "GET /smuggled HTTP/1.1\r\nHost: x\r\n\r\n";
  for (
    const framing of [
      `Content-Length: ${inner.length}`,
      "Transfer-Encoding: chunked",
    ]
  ) {
    const text = await readAll(
      await connect(
        server,
        `POST /outer HTTP/1.1\r\nHost: x\r\n${framing}\r\n\r\n${inner}`,
      ),
    );
    assert.equal(text.match(/HTTP\/1\.1/g)?.length ?? 0, 1);
  }
  assert.ok(server.exchanges.every(({ target }) => target === "/outer"));
});

Deno.test("heads that are no heads are refused at once", async () => {
  await using server = start();
  const cases: [string, RegExp][] = [
    ["\x16\x03\x01\x02\x00", /^HTTP\/1\.1 400 /], // TLS
    ["GET /\r\n\r\n", /^HTTP\/1\.1 400 /],
    [
      "GET / HTTP/1.1\r\nHost: x\r\nA: " + "b".repeat(40_000),
      /^HTTP\/1\.1 431 /,
    ],
    [
      "GET / HTTP/1.1\r\nHost: x\r\n" + "A: b\r\n".repeat(200) + "\r\n",
      /^HTTP\/1\.1 431 /,
    ],
  ];
  for (const [text, expected] of cases) {
    assert.match(await readAll(await connect(server, text)), expected);
  }
});

Deno.test("connections past the limit wait, and idle ones make room for them", async () => {
  await using server = start({ maxConnections: 2 });
  const ask = "GET / HTTP/1.1\r\nHost: x\r\n\r\n";
  const idle = [await connect(server, ask), await connect(server, ask)];
  const close = "GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n";
  assert.match(await readAll(await connect(server, close)), /ok$/);
  for (const conn of idle) conn.close();
});

Deno.test("startServer() takes no connection any more while an answer ends", async () => {
  const server = start({ graceMs: 2000 });
  const conn = await connect(server, "GET /slow HTTP/1.1\r\nHost: x\r\n\r\n");
  const first = connect(server, "GET / HTTP/1.1\r\nHost: x\r\n\r\n");
  const other = await first;
  const seen = new Uint8Array(8);
  await other.read(seen);
  const stopped = server[Symbol.asyncDispose]();
  await assert.rejects(
    connect(server, "GET / HTTP/1.1\r\nHost: x\r\n\r\n").then((late) =>
      late.read(seen).then((count) => {
        late.close();
        if (count === null) throw new Error("closed");
      })
    ),
  );
  conn.close();
  await stopped;
  other.close();
});
