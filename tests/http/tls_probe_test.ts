import { deepEqual, equal, ok } from "node:assert/strict";
import { probeTls } from "../../src/http/tls_probe.ts";
import { makeCertificates } from "../testing/certificates.ts";
import { rawResponse } from "../testing/raw_response.ts";
import { startRawServer } from "../testing/raw_server.ts";
import { startRawSocket } from "../testing/raw_socket.ts";
import { type RunningCommand, spawnCommand } from "../testing/run_command.ts";

Deno.test("probeTls() recognizes servers of TLS, by name and by address", async () => {
  await using certificates = await makeCertificates();
  await using ours = startRawServer(() => rawResponse(200), {
    tls: certificates,
  });
  await using deno = Deno.serve({
    port: 0,
    hostname: "127.0.0.1",
    onListen() {},
    cert: certificates.cert,
    key: certificates.key,
  }, () => new Response());
  for (const port of [ours.port, deno.addr.port]) {
    for (const host of ["127.0.0.1", "localhost"]) {
      equal(await probeTls(host, port), "tls");
    }
  }
});

Deno.test("probeTls() recognizes what OpenSSL answers, in TLS 1.3 and in TLS 1.2 alone", async () => {
  await using certificates = await makeCertificates();
  for (const version of ["-tls1_3", "-tls1_2"]) {
    const files = [
      "-cert",
      certificates.certFile,
      "-key",
      certificates.keyFile,
    ];
    const args = [
      "s_server",
      "-accept",
      "127.0.0.1:0",
      "-www",
      version,
      ...files,
    ];
    await using server = spawnCommand("openssl", args);
    const port = await acceptedPort(server);
    equal(await probeTls("localhost", port), "tls", version);
  }
});

/** OpenSSL says on stdout where it listens. */
async function acceptedPort(server: RunningCommand): Promise<number> {
  let ended = false;
  void server.result.then(() => ended = true);
  while (!ended) {
    const match = /ACCEPT \S+:(\d+)/.exec(server.stdout);
    if (match !== null) return Number(match[1]);
    await new Promise((resolve) => setTimeout(resolve));
  }
  throw new Error(`openssl ended: ${server.stderr}`);
}

Deno.test("probeTls() takes a TLS alert for TLS", async () => {
  await using socket = startRawSocket(Uint8Array.of(0x15, 3, 3, 0, 2, 2, 40));
  equal(await probeTls("127.0.0.1", socket.port), "tls");
});

Deno.test("probeTls() recognizes servers of plain HTTP at once, those that read by lines as well", async () => {
  await using deno = Deno.serve({
    port: 0,
    hostname: "127.0.0.1",
    onListen() {},
  }, () => new Response());
  await using byLines = startRawServer(() => rawResponse(400));
  await using hangsUp = startRawSocket("");
  await using speaksFirst = startRawSocket("SSH-2.0-x\r\n");
  const start = performance.now();
  for (
    const port of [deno.addr.port, byLines.port, hangsUp.port, speaksFirst.port]
  ) equal(await probeTls("127.0.0.1", port), "plain");
  ok(performance.now() - start < 1000);
});

Deno.test("probeTls() takes a port that says nothing for plain, after its time", async () => {
  await using socket = startRawSocket();
  const start = performance.now();
  equal(await probeTls("127.0.0.1", socket.port, 60), "plain");
  ok(performance.now() - start >= 55);
});

Deno.test("probeTls() finds nothing where nobody listens", async () => {
  const listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const { port } = listener.addr;
  listener.close();
  deepEqual(
    await Promise.all(
      ["127.0.0.1", "localhost", "nothing.invalid"].map((host) =>
        probeTls(host, port)
      ),
    ),
    ["nothing", "nothing", "nothing"],
  );
});
