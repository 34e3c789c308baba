import assert from "node:assert/strict";
import fc from "fast-check";
import { parseRequestHead } from "../../../src/serve/http/request_head.ts";

function statusOf(head: string): number | undefined {
  const parsed = parseRequestHead(head);
  return "status" in parsed ? parsed.status : undefined;
}

Deno.test("parseRequestHead() reads method, target and headers", () => {
  const head = parseRequestHead(
    "GET /v2/a/tags/list?n=1 HTTP/1.1\r\nHost: x\r\nRange:  bytes=0-1 \r\nAccept: a\r\nAccept: b",
  );
  assert.ok(!("status" in head));
  assert.equal(head.method, "GET");
  assert.equal(head.url.pathname + head.url.search, "/v2/a/tags/list?n=1");
  assert.equal(head.headers.get("range"), "bytes=0-1");
  assert.equal(head.headers.get("accept"), "a, b");
  assert.equal(head.keepsAlive, true);
});

Deno.test("parseRequestHead() keeps a connection only where nothing can follow but a request", () => {
  const cases: [string, boolean][] = [
    ["GET / HTTP/1.1\r\nHost: x", true],
    ["GET / HTTP/1.1\r\nHost: x\r\nContent-Length: 0", true],
    ["GET / HTTP/1.1\r\nHost: x\r\nConnection: Close", false],
    ["GET / HTTP/1.0", false],
    ["GET / HTTP/1.1\r\nHost: x\r\nContent-Length: 5", false],
    [
      "GET / HTTP/1.1\r\nHost: x\r\nContent-Length: 0\r\nContent-Length: 5",
      false,
    ],
    ["GET / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked", false],
  ];
  for (const [text, keepsAlive] of cases) {
    const head = parseRequestHead(text);
    assert.ok(!("status" in head), text);
    assert.equal(head.keepsAlive, keepsAlive, text);
  }
});

Deno.test("parseRequestHead() never has the host of a request's target", () => {
  for (const target of ["//evil/v2/", "http://evil:80/v2/", "/v2/@evil"]) {
    const head = parseRequestHead(`GET ${target} HTTP/1.1\r\nHost: evil`);
    assert.ok(!("status" in head), target);
    assert.equal(head.url.host, "registry");
  }
});

Deno.test("parseRequestHead() refuses what two readers could take for different things", () => {
  const cases: [string, number][] = [
    ["", 400],
    ["GET /", 400],
    ["GET / HTTP/2.0", 400],
    ["GET  / HTTP/1.1\r\nHost: x", 400],
    ["GET / HTTP/1.1 \r\nHost: x", 400],
    ["GET v2 HTTP/1.1\r\nHost: x", 400],
    ["GET * HTTP/1.1\r\nHost: x", 400],
    ["GET / HTTP/1.1", 400],
    ["GET / HTTP/1.1\r\nHost: a\r\nHost: b", 400],
    ["GET / HTTP/1.1\r\nHost : x", 400],
    ["GET / HTTP/1.1\r\nHost: x\r\n folded: y", 400],
    ["GET / HTTP/1.1\r\nHost: x\r\nA: b\nC: d", 400],
    ["GET / HTTP/1.1\r\nHost: x\r\nA: b\0c", 400],
    ["GET / HTTP/1.1\r\nHost: x\r\nnonsense", 400],
    ["GET / HTTP/1.1\r\nHost: x" + "\r\nA: b".repeat(100), 431],
  ];
  for (const [head, status] of cases) {
    assert.equal(statusOf(head), status, JSON.stringify(head));
  }
});

Deno.test("parseRequestHead() never throws, whatever comes", () => {
  const line = fc.oneof(
    fc.string(),
    fc.constant("GET / HTTP/1.1"),
    fc.constant("Host: x"),
    fc.string().map((text) => `A: ${text}`),
  );
  fc.assert(fc.property(fc.array(line), (lines) => {
    parseRequestHead(lines.join("\r\n"));
  }));
});
