import { deepEqual, equal, ok, rejects } from "node:assert/strict";
import { UnavailableError } from "../../src/errors.ts";
import type { Transport } from "../../src/http/http_request.ts";
import { withTimeouts } from "../../src/http/timeout.ts";
import { createTransport } from "../../src/http/transport.ts";
import { rawResponse } from "../testing/raw_response.ts";
import { startRawServer } from "../testing/raw_server.ts";

const URL_A = new URL("https://a.example/?secret=1");

/** Never answers; ends as `fetch` does when it is aborted. */
const silent: Transport = ({ signal }) =>
  new Promise((_resolve, reject) =>
    signal?.addEventListener("abort", () => reject(signal.reason))
  );

function isTimeout(what: string) {
  return (error: unknown) => {
    ok(error instanceof UnavailableError, String(error));
    equal(error.message, `Cannot reach "a.example": ${what}`);
    deepEqual([error.code, error.details.failure], ["timeout", "timeout"]);
    return true;
  };
}

Deno.test("withTimeouts() gives up on an answer that does not come", async () => {
  const transport = withTimeouts(
    { headerTimeoutMs: 30 },
    () => Promise.resolve(true),
  )(silent);
  await rejects(
    transport({ url: URL_A }),
    isTimeout("no answer within 0.03 s"),
  );
});

Deno.test("withTimeouts() gives up sooner on a server that accepts no connection", async () => {
  const checks: boolean[] = [];
  const transport = withTimeouts({
    connectTimeoutMs: 40,
    headerTimeoutMs: 10_000,
  }, async (request, signal) => {
    equal(request.url, URL_A);
    await new Promise((resolve) => signal.addEventListener("abort", resolve));
    checks.push(signal.aborted);
    return false;
  })(silent);
  const start = performance.now();
  await rejects(
    transport({ url: URL_A }),
    isTimeout("no connection within 0.04 s"),
  );
  ok(performance.now() - start < 1000);
  deepEqual(checks, [true]);
});

Deno.test("withTimeouts() waits on for a server that accepts connections", async () => {
  let checked = 0;
  const transport = withTimeouts(
    { connectTimeoutMs: 20, headerTimeoutMs: 120 },
    () => {
      checked++;
      return Promise.resolve(true);
    },
  )(silent);
  await rejects(
    transport({ url: URL_A }),
    isTimeout("no answer within 0.12 s"),
  );
  equal(checked, 1);
});

Deno.test("withTimeouts() lets the caller's own reason through", async () => {
  const controller = new AbortController();
  const reason = new Error("enough");
  const answer = withTimeouts({}, () => Promise.resolve(true))(silent)({
    url: URL_A,
    signal: controller.signal,
  });
  controller.abort(reason);
  await rejects(answer, (error) => error === reason);
});

Deno.test("withTimeouts() leaves no timer behind after an answer", async () => {
  const transport = withTimeouts(
    {},
    () => Promise.reject(new Error("must not be asked")),
  )(() => Promise.resolve(new Response()));
  equal((await transport({ url: URL_A })).status, 200);
});

Deno.test("createTransport() bears a first byte that is late, and a body after the time for headers", async () => {
  await using server = startRawServer(() => ({
    ...rawResponse(200, {}, "x".repeat(50)),
    delayMs: 150,
    bytesPerSecond: 200,
  }));
  using transport = createTransport({
    connectTimeoutMs: 100,
    headerTimeoutMs: 250,
    retry: { maxAttempts: 1 },
  });
  const response = await transport({ url: new URL(server.url) });
  equal((await response.text()).length, 50);
  equal(server.requests.length, 1);
});

Deno.test("createTransport() tells a port that takes no connections from a slow server", async () => {
  // A listener that never accepts: once its queue is full, the system drops what comes.
  using listener = Deno.listen({
    hostname: "127.0.0.1",
    port: 0,
    tcpBacklog: 1,
  });
  const { port } = listener.addr;
  const queued: Deno.TcpConn[] = [];
  while (true) {
    try {
      queued.push(
        await Deno.connect({ port, signal: AbortSignal.timeout(100) }),
      );
    } catch {
      break;
    }
  }
  using transport = createTransport({
    connectTimeoutMs: 200,
    retry: { maxAttempts: 1 },
  });
  await rejects(
    transport({ url: new URL(`http://127.0.0.1:${port}/`) }),
    (error) => {
      ok(error instanceof UnavailableError);
      equal(
        error.message,
        `Cannot reach "127.0.0.1:${port}": no connection within 0.2 s`,
      );
      return true;
    },
  );
  queued.forEach((connection) => connection.close());
});
