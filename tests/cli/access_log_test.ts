import assert from "node:assert/strict";
import { exchangeJson, renderExchange } from "../../src/cli/access_log.ts";

const EXCHANGE = {
  method: "GET",
  target: "/v2/a/tags/list?n=1",
  status: 200,
  bytes: 42,
  durationMs: 2.6,
  remote: "127.0.0.1",
  userAgent: "docker/29",
  isWhole: true,
} as const;

Deno.test("renderExchange() is one line, without the control characters that clients send", () => {
  assert.equal(
    renderExchange(EXCHANGE),
    "127.0.0.1 GET /v2/a/tags/list?n=1 200 42 B in 3 ms (docker/29)",
  );
  const line = renderExchange({
    ...EXCHANGE,
    target: `/\n\x1b[2J${"a".repeat(9000)}`,
    userAgent: "x\r\ny\u202e",
    isWhole: false,
  });
  assert.match(line, /^127\.0\.0\.1 GET \/\\x0a\\x1b\[2Ja+… 200 42 B in 3 ms/);
  assert.match(line, /\(x\\x0d\\x0ay\\u\{202e\}\) broken off$/);
  assert.ok(line.length < 500);
});

Deno.test("exchangeJson() has the whole exchange", () => {
  assert.deepEqual(exchangeJson(EXCHANGE, 0), {
    event: "request",
    at: "1970-01-01T00:00:00.000Z",
    remote: "127.0.0.1",
    method: "GET",
    target: "/v2/a/tags/list?n=1",
    status: 200,
    bytes: 42,
    userAgent: "docker/29",
    durationMs: 3,
    whole: true,
  });
});
