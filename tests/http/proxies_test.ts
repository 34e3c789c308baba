import { deepEqual, equal, ok, rejects } from "node:assert/strict";
import { UnavailableError } from "../../src/errors.ts";
import { createTransport } from "../../src/http/transport.ts";
import { makeCertificates } from "../testing/certificates.ts";
import { rawResponse } from "../testing/raw_response.ts";
import { startRawServer } from "../testing/raw_server.ts";
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
