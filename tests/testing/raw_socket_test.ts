import assert from "node:assert/strict";
import { startRawSocket } from "./raw_socket.ts";

Deno.test("startRawSocket() answers TLS in plain text, and hangs up", async () => {
  for (const answer of ["HTTP/1.1 400 Bad Request\r\n\r\n", ""]) {
    await using socket = startRawSocket(answer);
    await assert.rejects(fetch(`https://${socket.host}/`), TypeError);
    assert.ok(socket.connections >= 1);
    assert.ok(socket.received[0]?.startsWith("\x16\x03"));
  }
});

Deno.test("startRawSocket() never answers, until it is disposed", async () => {
  const socket = startRawSocket();
  const answer = fetch(`http://${socket.host}/`);
  while (socket.received.length === 0) {
    await new Promise((resolve) => setTimeout(resolve));
  }
  await socket[Symbol.asyncDispose]();
  await assert.rejects(answer, TypeError);
});
