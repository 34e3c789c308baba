import assert from "node:assert/strict";
import { UsageError } from "../../src/errors.ts";
import type { Endpoint } from "../../src/registry/endpoint.ts";
import {
  createEndpointSource,
  folderNames,
} from "../../src/registry/hosts_folder.ts";
import { makeCertificates } from "../testing/certificates.ts";
import { mustRun } from "../testing/run_command.ts";
import { type TempDir, tempDir } from "../testing/temp_dir.ts";

async function write(dir: TempDir, name: string, text: string): Promise<void> {
  const path = dir.join(name);
  await Deno.mkdir(path.slice(0, path.lastIndexOf("/")), { recursive: true });
  await Deno.writeTextFile(path, text);
}

const endpointsOf = (
  dir: TempDir,
  registry: string,
): Promise<readonly Endpoint[]> =>
  createEndpointSource({ folders: [dir.path] })(registry);
const summary = (endpoints: readonly Endpoint[]) =>
  endpoints.map(({ name, base, isMirror, namespace }) => [
    name,
    base.href,
    isMirror,
    ...namespace === undefined ? [] : [namespace],
  ]);

Deno.test("folderNames() gives containerd's names in its order", () => {
  assert.deepEqual(folderNames("docker.io"), ["docker.io", "_default"]);
  assert.deepEqual(folderNames("localhost:5000"), [
    "localhost_5000_",
    "localhost:5000",
    "_default",
  ]);
  assert.deepEqual(folderNames("[::1]:5000"), [
    "[::1]_5000_",
    "[::1]:5000",
    "_default",
  ]);
});

Deno.test("createEndpointSource() gives the registry alone where no folder is for it", async () => {
  await using dir = await tempDir();
  assert.deepEqual(summary(await endpointsOf(dir, "docker.io")), [
    ["docker.io", "https://registry-1.docker.io/v2/", false],
  ]);
  assert.deepEqual(summary(await endpointsOf(dir, "quay.io")), [
    ["quay.io", "https://quay.io/v2/", false],
  ]);
});

Deno.test("createEndpointSource() gives mirrors first, with ns= where their host is another", async () => {
  await using dir = await tempDir();
  await write(
    dir,
    "docker.io/hosts.toml",
    '[host."https://mirror.example"]\n[host."https://registry-1.docker.io/x"]\n',
  );
  const endpoints = await endpointsOf(dir, "docker.io");
  assert.deepEqual(summary(endpoints), [
    ["mirror.example", "https://mirror.example/v2/", true, "docker.io"],
    ["docker.io", "https://registry-1.docker.io/x/v2/", true],
    ["docker.io", "https://registry-1.docker.io/v2/", false],
  ]);
  assert.deepEqual(endpoints.map(({ allowPlainHttp }) => allowPlainHttp), [
    "never",
    "never",
    undefined,
  ]);
});

Deno.test("createEndpointSource() asks the server that the file names instead of the registry", async () => {
  await using dir = await tempDir();
  await write(dir, "docker.io/hosts.toml", 'server = "https://docker.io"');
  await write(dir, "gcr.io/hosts.toml", 'server = "http://cache.example:5000"');
  assert.deepEqual(summary(await endpointsOf(dir, "docker.io")), [
    ["docker.io", "https://registry-1.docker.io/v2/", false],
  ]);
  assert.deepEqual(summary(await endpointsOf(dir, "gcr.io")), [
    ["cache.example:5000", "http://cache.example:5000/v2/", false, "gcr.io"],
  ]);
});

Deno.test("createEndpointSource() uses _default for whatever has no folder of its own", async () => {
  await using dir = await tempDir();
  await write(dir, "_default/hosts.toml", '[host."https://mirror.example"]');
  await write(dir, "quay.io/hosts.toml", "");
  assert.equal((await endpointsOf(dir, "ghcr.io")).length, 2);
  assert.equal((await endpointsOf(dir, "quay.io")).length, 1);
});

Deno.test("createEndpointSource() looks in the first folder that has one for the registry", async () => {
  await using first = await tempDir();
  await using second = await tempDir();
  await write(
    second,
    "localhost_5000_/hosts.toml",
    '[host."https://second.example"]',
  );
  const source = createEndpointSource({ folders: [first.path, second.path] });
  assert.equal((await source("localhost:5000"))[0]?.name, "second.example");
});

Deno.test("createEndpointSource() reads certificates from beside the file", async () => {
  await using dir = await tempDir();
  await write(
    dir,
    "quay.io/hosts.toml",
    `ca = "ca.pem"
[host."https://mirror.example"]
client = [["c.pem", "${dir.join("c.key")}"]]
skip_verify = true
[host."https://mirror.example".header]
X-Key = "v"`,
  );
  await using made = await makeCertificates();
  await write(dir, "quay.io/ca.pem", made.ca);
  await write(dir, "quay.io/c.pem", made.clientCert);
  await write(dir, "c.key", made.clientKey);
  const [mirror, origin] = await endpointsOf(dir, "quay.io");
  assert.deepEqual(mirror?.tls, {
    cert: made.clientCert,
    key: made.clientKey,
    insecure: true,
  });
  assert.deepEqual(mirror?.headers, { "x-key": "v" });
  assert.deepEqual(origin?.tls, { caCerts: [made.ca] });
  assert.deepEqual(origin?.headers, {});
});

Deno.test("createEndpointSource() reads docker's certificates where there is no hosts.toml", async () => {
  await using dir = await tempDir();
  await using made = await makeCertificates();
  await write(dir, "quay.io/ca.crt", made.ca);
  await write(dir, "quay.io/client.cert", made.clientCert);
  await write(dir, "quay.io/client.key", made.clientKey);
  await write(dir, "quay.io/stray.cert", made.cert);
  const [origin] = await endpointsOf(dir, "quay.io");
  assert.deepEqual(origin?.tls, {
    caCerts: [made.ca],
    cert: made.clientCert,
    key: made.clientKey,
  });
});

Deno.test("createEndpointSource() fails on files that are missing, broken or no PEM", async () => {
  await using dir = await tempDir();
  await write(dir, "a.io/hosts.toml", 'ca = "none.pem"');
  await write(dir, "b.io/hosts.toml", "oops");
  await write(dir, "c.io/hosts.toml", 'ca = "hosts.toml"');
  for (
    const [registry, message] of [
      ["a.io", /none\.pem", which is not there/],
      ["b.io", /b\.io\/hosts\.toml", line 1/],
      ["c.io", /which is no PEM/],
    ] as const
  ) {
    await assert.rejects(endpointsOf(dir, registry), (error) => {
      assert.ok(error instanceof UsageError);
      assert.match(error.message, message);
      return true;
    });
  }
});

Deno.test("createEndpointSource() reads each registry's file once", async () => {
  await using dir = await tempDir();
  await write(dir, "quay.io/hosts.toml", '[host."https://mirror.example"]');
  const source = createEndpointSource({ folders: [dir.path] });
  const first = await source("quay.io");
  await Deno.remove(dir.join("quay.io/hosts.toml"));
  assert.equal(await source("quay.io"), first);
});

Deno.test("createEndpointSource() names the certificate that TLS can't use, and why", async () => {
  await using dir = await tempDir();
  await using made = await makeCertificates();
  const openssl = (...args: string[]): Promise<string> =>
    mustRun("openssl", args, { cwd: made.dir });
  await openssl(
    ...["x509", "-req", "-in", "client.csr", "-CA", "ca.pem"],
    ...["-CAkey", "ca.key", "-CAcreateserial", "-out", "old.pem"],
  );
  const pair = (cert: string, key: string): string =>
    `client = [["${made.dir}/${cert}", "${made.dir}/${key}"]]`;
  const rubbish =
    "-----BEGIN CERTIFICATE-----\naGVsbG8=\n-----END CERTIFICATE-----\n";
  await write(dir, "rubbish.pem", rubbish);
  const cases = [
    [
      pair("client.pem", "server.key"),
      /client\.pem": with the key "\S+server\.key", the key is not/,
    ],
    [pair("old.pem", "client.key"), /old\.pem": .*X\.509 version 1/],
    [pair("client.pem", "client.pem"), /client\.pem": there is no private key/],
    [
      `ca = "${dir.join("rubbish.pem")}"`,
      /rubbish\.pem": a certificate in it is damaged/,
    ],
    [`ca = "${made.keyFile}"`, /server\.key": there is no certificate in it/],
  ] as const;
  for (const [at, [text, message]] of cases.entries()) {
    await write(dir, `r${at}.io/hosts.toml`, text);
    await assert.rejects(endpointsOf(dir, `r${at}.io`), (error) => {
      assert.ok(error instanceof UsageError);
      assert.equal(error.code, "config-invalid");
      assert.match(error.message, message);
      return true;
    });
  }
});
