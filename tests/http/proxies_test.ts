import { deepEqual, equal, ok, rejects } from "node:assert/strict";
import { OperationError, UnavailableError } from "../../src/errors.ts";
import { createTransport } from "../../src/http/transport.ts";
import { makeCertificates } from "../testing/certificates.ts";
import { rawResponse } from "../testing/raw_response.ts";
import { startRawServer } from "../testing/raw_server.ts";
import { spawnCommand } from "../testing/run_command.ts";
import { runDray } from "../testing/run_dray.ts";
import { startProxy } from "./testing/fake_proxy.ts";

Deno.test("createTransport() sends plain requests to their proxy, with the proxy's password", async () => {
  await using proxy = startProxy();
  using transport = createTransport({
    proxy: { httpProxy: `http://me:p%40ss@${proxy.host}` },
  });
  const response = await transport({
    url: new URL("http://registry.example/v2/"),
  });
  deepEqual([response.status, await response.text()], [203, "from the proxy"]);
  ok(
    proxy.heads[0]?.startsWith("GET http://registry.example/v2/ HTTP/1.1\r\n"),
  );
  ok(
    proxy.heads[0]?.toLowerCase().includes(
      `proxy-authorization: basic ${btoa("me:p@ss").toLowerCase()}`,
    ),
  );
});

Deno.test("createTransport() asks the proxy for a tunnel to an HTTPS server, and sends it no secrets", async () => {
  await using certificates = await makeCertificates({
    altNames: "DNS:registry.example",
  });
  await using server = startRawServer(() => rawResponse(200), {
    tls: certificates,
  });
  await using proxy = startProxy();
  const settings = { proxy: { httpsProxy: `http://me:pass@${proxy.host}` } };
  const url = new URL(`https://registry.example:${server.port}/v2/`);
  const headers = { authorization: "Bearer secret" };
  using transport = createTransport({
    ...settings,
    caCerts: [certificates.ca],
  });
  equal((await transport({ url, headers })).status, 200);
  using insecure = createTransport({ ...settings, insecureHosts: [url.host] });
  equal((await insecure({ url, headers })).status, 200);
  equal(proxy.heads.length, 2);
  for (const head of proxy.heads) {
    ok(
      head.startsWith(`CONNECT registry.example:${server.port} HTTP/1.1\r\n`),
      head,
    );
    ok(head.includes(`Basic ${btoa("me:pass")}`), head);
    ok(!head.includes("secret"));
  }
  for (const request of server.requests) {
    equal(request.headers.get("authorization"), "Bearer secret");
    equal(request.headers.get("proxy-authorization"), null);
  }
});

Deno.test("createTransport() checks certificates through a proxy as well", async () => {
  await using certificates = await makeCertificates({
    altNames: "DNS:registry.example",
  });
  await using server = startRawServer(() => rawResponse(200), {
    tls: certificates,
  });
  await using proxy = startProxy();
  using transport = createTransport({ proxy: { httpsProxy: proxy.host } });
  const url = new URL(`https://registry.example:${server.port}/`);
  await rejects(transport({ url }), (error) => {
    ok(error instanceof UnavailableError);
    equal(
      error.message,
      `Cannot reach "${url.host}": its certificate is by an unknown authority`,
    );
    return error.code === "tls";
  });
});

Deno.test("createTransport() says that it was the proxy that refused", async () => {
  await using proxy = startProxy({ connectStatus: 403 });
  const url = new URL("https://registry.example/");
  for (const insecureHosts of [[], [url.host]]) {
    using transport = createTransport({
      proxy: { httpsProxy: proxy.host },
      insecureHosts,
      retry: { maxAttempts: 1 },
    });
    await rejects(transport({ url }), (error) => {
      ok(error instanceof UnavailableError);
      deepEqual([error.code, error.details.failure], ["unreachable", "proxy"]);
      return error.hint?.includes("HTTPS_PROXY") === true;
    });
  }
});

Deno.test("createTransport() goes around the proxy to loopback and to what NO_PROXY names", async () => {
  await using server = startRawServer(({ method }) =>
    rawResponse(method === "GET" ? 200 : 400)
  );
  await using proxy = startProxy();
  using transport = createTransport({
    proxy: {
      httpProxy: proxy.host,
      httpsProxy: proxy.host,
      noProxy: "registry.invalid",
    },
    retry: { maxAttempts: 1 },
  });
  equal((await transport({ url: new URL(server.url) })).status, 200);
  equal(
    (await transport({ url: new URL(`https://127.0.0.1:${server.port}/`) }))
      .status,
    200,
  );
  await rejects(
    transport({ url: new URL("http://registry.invalid/") }),
    /no such host/,
  );
  deepEqual(proxy.heads, []);
});

Deno.test("createTransport() looks at no proxy variable of the environment, and leaves them as they are", async () => {
  await using certificates = await makeCertificates();
  await using secure = startRawServer(() => rawResponse(200), {
    tls: certificates,
  });
  await using plain = startRawServer(() => rawResponse(200));
  await using proxy = startProxy();
  await using right = startProxy();
  const names = [
    "ALL_PROXY",
    "HTTP_PROXY",
    "HTTPS_PROXY",
    "http_proxy",
    "https_proxy",
    "all_proxy",
  ];
  const variables = {
    ...Object.fromEntries(names.map((name) => [name, `http://${proxy.host}`])),
    NO_PROXY: "registry.example",
  };
  const before = Object.keys(variables).map((name) => Deno.env.get(name));
  Object.entries(variables).forEach(([name, value]) =>
    Deno.env.set(name, value)
  );
  try {
    using transport = createTransport({
      caCerts: [certificates.ca],
      proxy: { httpProxy: right.host },
    });
    equal((await transport({ url: new URL(plain.url) })).status, 200);
    equal((await transport({ url: new URL(secure.url) })).status, 200);
    equal(
      (await transport({ url: new URL("http://registry.example/") })).status,
      203,
    );
    deepEqual(
      Object.keys(variables).map((name) => Deno.env.get(name)),
      Object.values(variables),
    );
  } finally {
    Object.keys(variables).forEach((name, at) => {
      const value = before[at];
      if (value === undefined) Deno.env.delete(name);
      else Deno.env.set(name, value);
    });
  }
  equal(proxy.heads.length, 0);
  equal(right.heads.length, 1);
});

Deno.test("dray goes through a proxy that wants a password, with no more permissions than deno.json's", async () => {
  await using certificates = await makeCertificates({
    altNames: "DNS:registry.example",
  });
  await using server = startRawServer(() => rawResponse(404), {
    tls: certificates,
  });
  await using proxy = startProxy({ login: "me:pass" });
  const reference = `registry.example:${server.port}/team/app:1`;
  const env = { HTTPS_PROXY: `http://me:pass@${proxy.host}` };
  const trusted = ["digest", reference, "--ca-file", certificates.caFile];
  const { code, stderr } = await runDray(trusted, { env });
  deepEqual([code, server.requests.length > 0], [3, true], stderr);
  // Without the root the tunnel is open when the certificate is refused: the process has to end.
  const refused = await runDray(["digest", reference], { env });
  equal(refused.code, 5, refused.stderr);
  ok(refused.stderr.includes("certificate"), refused.stderr);
});

Deno.test("createTransport() asks once a proxy that wants a password, and says so", async () => {
  await using proxy = startProxy({ login: "me:pass" });
  const settings = ["", "me:wrong@"].map((user) =>
    `http://${user}${proxy.host}`
  );
  for (const address of settings) {
    for (const scheme of ["http", "https"]) {
      using transport = createTransport({
        proxy: { httpProxy: address, httpsProxy: address },
      });
      const before = proxy.heads.length;
      const url = new URL(`${scheme}://registry.example/v2/`);
      await rejects(transport({ url }), (error) => {
        ok(error instanceof UnavailableError);
        equal(
          error.message,
          `Cannot reach "registry.example" through the proxy "${proxy.host}": the proxy wants authentication`,
        );
        return error.hint?.includes("user:password@") === true;
      });
      equal(proxy.heads.length - before, 1, `${scheme} ${address}`);
    }
  }
});

Deno.test("createTransport() names the proxy that is dead", async () => {
  const gone = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const host = `127.0.0.1:${gone.addr.port}`;
  gone.close();
  for (const address of [`http://${host}`, `http://me:pass@${host}`]) {
    for (const scheme of ["http", "https"]) {
      using transport = createTransport({
        proxy: { httpProxy: address, httpsProxy: address },
        retry: { maxAttempts: 1 },
      });
      await rejects(
        transport({ url: new URL(`${scheme}://registry.example/v2/`) }),
        (error) => {
          ok(error instanceof UnavailableError);
          equal(
            error.message,
            `Cannot reach "registry.example" through the proxy "${host}": connection refused`,
          );
          return error.hint?.includes("HTTPS_PROXY") === true;
        },
      );
    }
  }
});

Deno.test("createTransport() calls an answer with a raw ESC in a header malformed, and asks once", async () => {
  const head =
    "HTTP/1.1 200 OK\r\nX-A: a\x1b[31mb\r\ncontent-length: 0\r\n\r\n";
  const listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  let count = 0;
  const serving = (async () => {
    for await (const connection of listener) {
      count++;
      await connection.read(new Uint8Array(4096));
      await connection.write(new TextEncoder().encode(head));
      connection.close();
    }
  })();
  using transport = createTransport();
  const url = new URL(`http://127.0.0.1:${listener.addr.port}/v2/`);
  await rejects(transport({ url, allowPlainHttp: "always" }), (error) => {
    ok(error instanceof OperationError);
    return error.code === "protocol" && error.message.includes("malformed");
  });
  equal(count, 1);
  listener.close();
  await serving;
});

Deno.test("createTransport() names a proxy that says nothing", async () => {
  using silent = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const host = `127.0.0.1:${silent.addr.port}`;
  using transport = createTransport({
    proxy: { httpProxy: host },
    headerTimeoutMs: 50,
    retry: { maxAttempts: 1 },
  });
  await rejects(
    transport({ url: new URL("http://registry.example/v2/") }),
    (error) =>
      error instanceof UnavailableError && error.code === "timeout" &&
      error.message.includes(`through the proxy "${host}": no answer`),
  );
});

Deno.test("dray ends when it lacks a permission behind an open tunnel, and tries once", async () => {
  await using certificates = await makeCertificates();
  await using server = startRawServer(() => rawResponse(404), {
    tls: certificates,
  });
  await using proxy = startProxy({ login: "me:pass" });
  const main = new URL("../../main.ts", import.meta.url).pathname;
  await using dray = spawnCommand(Deno.execPath(), [
    ...["run", "--quiet", "--no-prompt", "-A", "--deny-sys", main],
    ...["digest", `registry.example:${server.port}/a:1`],
    ...["--ca-file", certificates.caFile],
  ], { env: { HTTPS_PROXY: `http://me:pass@${proxy.host}` } });
  const limit = setTimeout(() => dray.kill("SIGKILL"), 10_000);
  const { code, stderr } = await dray.result;
  clearTimeout(limit);
  equal(code, 5, stderr);
  ok(stderr.includes("no permission"), stderr);
  equal(proxy.heads.length, 1);
});
