import { deepEqual, equal, ok, rejects } from "node:assert/strict";
import { createServer } from "node:https";
import { once } from "node:events";
import { UnavailableError } from "../../src/errors.ts";
import { openBody, readCapped } from "../../src/http/body_reader.ts";
import { createTransport } from "../../src/http/transport.ts";
import { makeCertificates } from "../testing/certificates.ts";
import { rawResponse } from "../testing/raw_response.ts";
import { startRawServer } from "../testing/raw_server.ts";
import { mustRun } from "../testing/run_command.ts";
import { tempDir } from "../testing/temp_dir.ts";

async function expectTlsError(
  answer: Promise<unknown>,
  what: RegExp,
  hint: RegExp,
): Promise<void> {
  await rejects(answer, (error) => {
    ok(error instanceof UnavailableError, String(error));
    deepEqual([error.code, error.exitCode, error.details.failure], [
      "tls",
      5,
      "certificate",
    ]);
    ok(what.test(error.message), error.message);
    ok(hint.test(error.hint ?? ""), error.hint);
    return true;
  });
}

/** A certificate by itself, as people make them for a registry of their own. */
async function makeSelfSigned(): Promise<
  { readonly cert: string; readonly key: string }
> {
  await using dir = await tempDir();
  const subject = [
    "-subj",
    "/CN=localhost/O=Self",
    "-addext",
    "subjectAltName=DNS:localhost,IP:127.0.0.1",
  ];
  const curve = [
    "-newkey",
    "ec",
    "-pkeyopt",
    "ec_paramgen_curve:P-256",
    "-nodes",
  ];
  await mustRun("openssl", [
    "req",
    "-x509",
    ...curve,
    "-keyout",
    dir.join("key"),
    "-out",
    dir.join("cert"),
    "-days",
    "2",
    ...subject,
  ]);
  return {
    cert: await Deno.readTextFile(dir.join("cert")),
    key: await Deno.readTextFile(dir.join("key")),
  };
}

/** Signs the server's request again, for a day that is over. */
async function signExpired(dir: string): Promise<string> {
  const config =
    "[ca]\ndefault_ca=d\n[d]\ndatabase=index.txt\nnew_certs_dir=.\n" +
    "rand_serial=yes\ndefault_md=sha256\npolicy=p\n[p]\ncommonName=supplied\n";
  await Deno.writeTextFile(`${dir}/ca.cnf`, config);
  await Deno.writeTextFile(`${dir}/index.txt`, "");
  const signer = ["-config", "ca.cnf", "-cert", "ca.pem", "-keyfile", "ca.key"];
  const dates = [
    "-startdate",
    "20200101000000Z",
    "-enddate",
    "20200102000000Z",
  ];
  const files = [
    "-in",
    "server.csr",
    "-out",
    "expired.pem",
    "-extfile",
    "server.ext",
  ];
  await mustRun("openssl", [
    "ca",
    "-batch",
    "-notext",
    ...signer,
    ...dates,
    ...files,
  ], { cwd: dir });
  return await Deno.readTextFile(`${dir}/expired.pem`);
}

Deno.test("createTransport() trusts a private CA that it is given, for all hosts or for one request", async () => {
  await using certificates = await makeCertificates();
  await using server = startRawServer(() => rawResponse(200), {
    tls: certificates,
  });
  using global = createTransport({ caCerts: [certificates.ca] });
  equal((await global({ url: new URL(server.url) })).status, 200);
  equal(
    (await global({ url: new URL(`https://localhost:${server.port}/`) }))
      .status,
    200,
  );
  using bare = createTransport();
  equal(
    (await bare({
      url: new URL(server.url),
      tls: { caCerts: [certificates.ca] },
    })).status,
    200,
  );
  await expectTlsError(
    bare({ url: new URL(server.url) }),
    /unknown authority/,
    /--ca-file/,
  );
});

Deno.test("createTransport() names the issuer of a certificate by an unknown authority, and what would help", async () => {
  await using certificates = await makeCertificates({
    caName: "Corporate\u202e CA",
  });
  await using server = startRawServer(() => rawResponse(200), {
    tls: certificates,
  });
  using transport = createTransport();
  await expectTlsError(
    transport({ url: new URL(`${server.url}/?secret=1`) }),
    new RegExp(
      `^Cannot reach "${server.host}": its certificate is by an unknown authority \\(issuer: "CN=Corporate.* CA"\\)$`,
    ),
    /^pass the authority's certificate with --ca-file, or pass --insecure/,
  );
  deepEqual(server.requests, []);
});

Deno.test("createTransport() says that a certificate has expired, or is for another name", async () => {
  await using other = await makeCertificates({ altNames: "DNS:other.example" });
  await using elsewhere = startRawServer(() => rawResponse(200), {
    tls: other,
  });
  using first = createTransport({ caCerts: [other.ca] });
  await expectTlsError(
    first({ url: new URL(elsewhere.url) }),
    /for another name, "DNS:other\.example"$/,
    /--insecure/,
  );
  await using expired = await makeCertificates();
  const { key } = expired;
  const cert = await signExpired(expired.dir);
  await using old = startRawServer(() => rawResponse(200), {
    tls: { cert, key },
  });
  using second = createTransport({ caCerts: [expired.ca] });
  await expectTlsError(
    second({ url: new URL(old.url) }),
    /has expired on "Jan +2 00:00:00 2020 GMT"$/,
    /renewed/,
  );
});

Deno.test("createTransport() accepts a self-signed certificate that is given as a root, and no other", async () => {
  const [ours, theirs] = await Promise.all([
    makeSelfSigned(),
    makeSelfSigned(),
  ]);
  await using server = startRawServer(() => rawResponse(200, {}, "hello"), {
    tls: ours,
  });
  await using impostor = startRawServer(() => rawResponse(200), {
    tls: theirs,
  });
  using transport = createTransport({ caCerts: [ours.cert] });
  for (let count = 0; count < 2; count++) {
    const response = await transport({ url: new URL(server.url) });
    equal(new TextDecoder().decode(await readCapped(response, 10)), "hello");
  }
  await expectTlsError(
    transport({ url: new URL(impostor.url) }),
    /self-signed \(issuer: "/,
    /--ca-file/,
  );
  deepEqual(impostor.requests, []);
  using bare = createTransport();
  await expectTlsError(
    bare({ url: new URL(server.url) }),
    /self-signed \(issuer: "/,
    /--ca-file/,
  );
});

Deno.test("createTransport() accepts any certificate of an insecure host, and of no other", async () => {
  await using expired = await makeCertificates({
    altNames: "DNS:other.example",
    days: -1,
  });
  await using named = startRawServer(
    (request) =>
      rawResponse(
        206,
        { "x-range": request.headers.get("range") ?? "" },
        "hello",
      ),
    { tls: expired },
  );
  await using other = startRawServer(() => rawResponse(200), { tls: expired });
  using transport = createTransport({ insecureHosts: [named.host] });
  const response = await transport({
    url: new URL(`${named.url}/blob?sig=1`),
    headers: { range: "bytes=5-9", "x-a": "b" },
  });
  equal(response.status, 206);
  equal(response.url, `${named.url}/blob?sig=1`);
  equal(response.headers.get("x-range"), "bytes=5-9");
  equal(new TextDecoder().decode(await readCapped(response, 10)), "hello");
  deepEqual([
    named.requests[0]?.target,
    named.requests[0]?.headers.get("x-a"),
    named.requests[0]?.headers.get("accept-encoding"),
  ], ["/blob?sig=1", "b", "identity"]);
  await expectTlsError(
    transport({ url: new URL(other.url) }),
    /certificate/,
    /--insecure/,
  );
  await expectTlsError(
    transport({ url: new URL(`https://localhost:${named.port}/`) }),
    /certificate/,
    /--insecure/,
  );
  equal(
    (await transport({ url: new URL(other.url), tls: { insecure: true } }))
      .status,
    200,
  );
  deepEqual(other.requests.length, 1);
});

Deno.test("createTransport() takes its tolerance for one host to no other when it is redirected", async () => {
  await using certificates = await makeCertificates();
  await using target = startRawServer(() => rawResponse(200), {
    tls: certificates,
  });
  await using start = startRawServer(
    () => rawResponse(307, { location: target.url }),
    { tls: certificates },
  );
  using transport = createTransport();
  await expectTlsError(
    transport({ url: new URL(start.url), tls: { insecure: true } }),
    new RegExp(target.host),
    /--insecure/,
  );
  await expectTlsError(
    transport({ url: new URL(start.url), tls: { caCerts: [certificates.ca] } }),
    new RegExp(target.host),
    /--insecure/,
  );
  deepEqual(target.requests, []);
});

Deno.test("createTransport() posts to an insecure host, and reads answers without a body", async () => {
  await using certificates = await makeCertificates();
  await using server = startRawServer(
    ({ method }) =>
      rawResponse(method === "POST" ? 200 : 404, { "x-length": "7" }),
    { tls: certificates },
  );
  using transport = createTransport({ insecureHosts: [server.host] });
  const posted = await transport({
    url: new URL(server.url),
    method: "POST",
    body: "grant=secret",
    headers: { "content-type": "text/plain" },
  });
  equal(await posted.text(), "");
  equal(server.requests[0]?.body, "grant=secret");
  const head = await transport({ url: new URL(server.url), method: "HEAD" });
  deepEqual([head.status, head.headers.get("x-length"), await head.text()], [
    404,
    "7",
    "",
  ]);
});

Deno.test("createTransport() streams a large body of an insecure host without taking in all of it", async () => {
  await using certificates = await makeCertificates();
  const size = 64 * 1024 * 1024;
  await using server = startRawServer(
    () => rawResponse(200, {}, new Uint8Array(size)),
    { tls: certificates },
  );
  using transport = createTransport({ insecureHosts: [server.host] });
  const body = openBody(await transport({ url: new URL(server.url) }));
  let memory = (await body.read(new Uint8Array(65_536))).buffer;
  let received = 0;
  for (let turn = 0; turn < 200; turn++) {
    await new Promise((resolve) => setTimeout(resolve));
  }
  // The reader pauses here: what the server could send meanwhile is what is on its way, not the body.
  ok(
    (server.requests[0]?.bytesSent ?? size) < size / 2,
    `${server.requests[0]?.bytesSent}`,
  );
  while (true) {
    const part = await body.read(new Uint8Array(memory));
    if (part.length === 0) break;
    received += part.length;
    memory = part.buffer;
  }
  ok(received > size - 65_537 && received < size);
});

Deno.test("createTransport() names the failures of an insecure host as those of any other", async () => {
  await using certificates = await makeCertificates();
  await using server = startRawServer(
    ({ path }) =>
      path === "/cut"
        ? { ...rawResponse(200, {}, "x".repeat(1000)), cutAfter: 10 }
        : {
          ...rawResponse(200, {}, "x".repeat(1000)),
          stallAfter: path === "/head" ? 0 : 10,
          hangUp: path === "/hang-up",
        },
    { tls: certificates },
  );
  using transport = createTransport({
    insecureHosts: [server.host],
    retry: { maxAttempts: 1 },
  });
  const ask = (path: string, signal?: AbortSignal) =>
    transport({
      url: new URL(server.url + path),
      ...(signal === undefined ? {} : { signal }),
    });
  const isReset = (error: unknown) =>
    error instanceof UnavailableError && error.details.failure === "reset";
  await rejects(readCapped(await ask("/cut"), 2000), isReset);
  await rejects(ask("/hang-up"), isReset);
  await rejects(
    readCapped(await ask("/stall"), 2000, { idleTimeoutMs: 40 }),
    (error) => error instanceof UnavailableError && error.code === "timeout",
  );
  const controller = new AbortController();
  const reason = new Error("enough");
  const reading = readCapped(await ask("/stall", controller.signal), 2000);
  controller.abort(reason);
  await rejects(reading, (error) => error === reason);
  await rejects(ask("/", controller.signal), (error) => error === reason);
});

Deno.test("createTransport() shows its client certificate, and not past a redirect", async () => {
  await using certificates = await makeCertificates();
  const { ca, cert, key } = certificates;
  const subjects: string[] = [];
  const listen = async (location?: string) => {
    const server = createServer({
      ca,
      cert,
      key,
      requestCert: true,
      rejectUnauthorized: false,
    }, (request, response) => {
      const { subject } = (request.socket as unknown as {
        getPeerCertificate(): { subject?: { CN?: string } };
      }).getPeerCertificate();
      subjects.push(subject?.CN ?? "nobody");
      response.writeHead(
        location === undefined ? 200 : 307,
        location === undefined ? {} : { location },
      ).end();
    });
    server.listen(0, "127.0.0.1");
    await once(server, "listening");
    const { port } = server.address() as { port: number };
    return {
      url: `https://127.0.0.1:${port}/`,
      async [Symbol.asyncDispose]() {
        server.closeAllConnections();
        server.close();
        await once(server, "close");
      },
    };
  };
  await using target = await listen();
  await using start = await listen(target.url);
  const client = { cert: certificates.clientCert, key: certificates.clientKey };
  using transport = createTransport({
    caCerts: [ca],
    clientCertificate: client,
  });
  equal((await transport({ url: new URL(start.url) })).status, 200);
  deepEqual(subjects, ["client", "nobody"]);
  using bare = createTransport({ caCerts: [ca] });
  equal((await bare({ url: new URL(target.url), tls: client })).status, 200);
  equal(
    (await bare({
      url: new URL(target.url),
      tls: { ...client, insecure: true },
    })).status,
    200,
  );
  equal((await bare({ url: new URL(target.url) })).status, 200);
  deepEqual(subjects.slice(2), ["client", "client", "nobody"]);
});
