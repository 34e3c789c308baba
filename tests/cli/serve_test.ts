import assert from "node:assert/strict";
import { Store } from "../../src/store/store.ts";
import { storeImage } from "../store/stored_fixture.ts";
import { makeCertificates } from "../testing/certificates.ts";
import { buildImage } from "../testing/image_builder.ts";
import { requirePeers } from "../testing/peers.ts";
import { mustRun } from "../testing/run_command.ts";
import { runDray, spawnDray } from "../testing/run_dray.ts";
import { type TempDir, tempDir } from "../testing/temp_dir.ts";
import { runInProcess } from "./fake_host.ts";

const peers = await requirePeers("skopeo");
const image = buildImage({ layers: [{ randomBytes: 500_000 }, {}] });
const REFERENCE = "docker.io/library/alpine:3.20";

async function storeDir(): Promise<TempDir> {
  const dir = await tempDir();
  await using store = await Store.open(dir.path, { sync: false });
  await storeImage(store, REFERENCE, image);
  return dir;
}

/** What the first line on stdout tells. */
async function listening(
  server: ReturnType<typeof spawnDray>,
): Promise<{ url: string; host: string; port: number }> {
  const [line] = await server.stdoutMatches(/^.*\n/);
  return JSON.parse(line);
}

Deno.test("dray serve tells its address first, serves, and ends with 0 at SIGTERM", async () => {
  await using dir = await storeDir();
  await using server = spawnDray([
    ...["serve", "--json", "--listen", "127.0.0.1:0", "--store", dir.path],
  ]);
  const { url, host, port } = await listening(server);
  assert.equal(url, `http://${host}`);
  assert.equal(host, `127.0.0.1:${port}`);
  const response = await fetch(`${url}/v2/library/alpine/tags/list`);
  assert.deepEqual((await response.json()).tags, ["3.20"]);
  const [line] = await server.stderrMatches(/^.*\n/);
  const { event, target, status } = JSON.parse(line);
  assert.deepEqual(
    { event, target, status },
    { event: "request", target: "/v2/library/alpine/tags/list", status: 200 },
  );
  const metrics = await (await fetch(`${url}/metrics`)).text();
  assert.match(metrics, /\{kind="tags",method="GET",code="200"\} 1\n/);
  server.kill("SIGTERM");
  assert.equal((await server.result).code, 0);
});

Deno.test("dray serve lets an answer on its way end at SIGINT", async () => {
  await using dir = await storeDir();
  await using server = spawnDray([
    ...["serve", "--json", "--listen", "127.0.0.1:0", "--store", dir.path],
  ]);
  const { url } = await listening(server);
  const [layer] = image.layers;
  assert.ok(layer !== undefined);
  const { digest, size } = layer.descriptor;
  const path = `${url}/v2/alpine/blobs/${digest}`;
  const response = await fetch(path);
  server.kill("SIGINT");
  assert.equal((await response.bytes()).length, size);
  assert.equal((await server.result).code, 0);
});

peers.test("skopeo copies an image from dray serve under each of its names", async () => {
  await using dir = await storeDir();
  await using server = spawnDray([
    ...["serve", "--json", "--listen", "127.0.0.1:0", "--store", dir.path],
  ]);
  const { host } = await listening(server);
  for (const name of ["library/alpine", "docker.io/library/alpine"]) {
    await using out = await tempDir();
    await mustRun("skopeo", [
      ...["--insecure-policy", "copy", "--src-tls-verify=false"],
      ...[`docker://${host}/${name}:3.20`, `oci:${out.path}:x`],
    ]);
    const { digest } = image.root.descriptor;
    await Deno.stat(out.join("blobs/sha256", digest.slice(7)));
  }
});

Deno.test("dray pulls from dray serve as a mirror of docker.io", async () => {
  await using dir = await storeDir();
  await using server = spawnDray([
    ...["serve", "--json", "--listen", "127.0.0.1:0", "--store", dir.path],
  ]);
  const { url } = await listening(server);
  await using client = await tempDir();
  const hosts = client.join("certs.d/docker.io");
  await Deno.mkdir(hosts, { recursive: true });
  await Deno.writeTextFile(
    `${hosts}/hosts.toml`,
    `[host."${url}"]\n  capabilities = ["pull", "resolve"]\n`,
  );
  const pulled = await runDray([
    ...["pull", "alpine:3.20", "--store", client.join("store")],
    ...["--platform", "linux/amd64", "--hosts-dir", client.join("certs.d")],
  ]);
  assert.equal(pulled.code, 0, pulled.stderr);
  assert.equal(
    pulled.stdout,
    `${REFERENCE}@${image.root.descriptor.digest}\n`,
  );
});

Deno.test("dray serve speaks TLS with the files it is given", async () => {
  await using dir = await storeDir();
  await using files = await makeCertificates();
  await using server = spawnDray([
    ...["serve", "--json", "--listen", "127.0.0.1:0", "--store", dir.path],
    ...["--tls-cert", files.certFile, "--tls-key", files.keyFile],
  ]);
  const { url } = await listening(server);
  assert.match(url, /^https:/);
  using client = Deno.createHttpClient({ caCerts: [files.ca] });
  const response = await fetch(`${url}/v2/`, { client });
  assert.equal(await response.text(), "{}");
});

Deno.test("dray serve says what is wrong with its address, certificate or key", async () => {
  await using dir = await storeDir();
  await using files = await makeCertificates();
  await using other = await makeCertificates();
  await using taken = await tempDir();
  const text = taken.join("text");
  await Deno.writeTextFile(text, "hello");
  const broken = taken.join("broken");
  await Deno.writeTextFile(
    broken,
    "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n",
  );
  const listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  using _listener = listener;
  const { port } = listener.addr;
  const tls = (cert: string, key: string): string[] => [
    ...["--tls-cert", cert, "--tls-key", key],
  ];
  const cases: [string[], number, RegExp][] = [
    [
      ["--listen", `127.0.0.1:${port}`],
      7,
      /^dray: error: Cannot listen on "127.0.0.1:\d+": the address is in use\nhint: /,
    ],
    // TEST-NET-1, which no machine has; and a label too long for any name.
    [["--listen", "192.0.2.1:0"], 7, /192.0.2.1:0": this machine has no such/],
    [
      ["--listen", `${"a".repeat(64)}:0`],
      7,
      /this machine has no such address/,
    ],
    [["--listen", "nowhere"], 2, /"nowhere": it is no address with a port/],
    [["--listen", "127.0.0.1:70000"], 2, /it is no address with a port/],
    [["--tls-cert", files.certFile], 2, /--tls-key is missing/],
    [["--tls-key", files.keyFile], 2, /--tls-cert is missing/],
    [tls(taken.join("none"), text), 7, /none": no such file/],
    [tls(text, files.keyFile), 2, /text" has no certificate in PEM/],
    [tls(files.certFile, text), 2, /text" has no private key in PEM/],
    [tls(broken, files.keyFile), 2, /certificate or its key is unusable/],
    [
      tls(files.certFile, other.keyFile),
      2,
      /certificate or its key is unusable/,
    ],
  ];
  for (const [args, code, pattern] of cases) {
    const listen = args.includes("--listen") ? [] : ["--listen", "127.0.0.1:0"];
    const outcome = await runInProcess(
      ["serve", "--store", dir.path, ...listen, ...args],
      { environment: {}, onReady: (interrupt) => setTimeout(interrupt, 500) },
    );
    assert.equal(outcome.code, code, `${args}: ${outcome.stderr}`);
    assert.match(outcome.stderr, pattern);
    assert.equal(outcome.stdout, "");
  }
});

Deno.test("dray serve warns where other machines reach it without TLS", async () => {
  await using dir = await storeDir();
  for (const listen of ["0.0.0.0:0", ":0"]) {
    await using server = spawnDray([
      ...["serve", "--listen", listen, "--store", dir.path],
    ]);
    await server.stderrMatches(/without TLS \(--tls-cert\)/);
  }
  await using local = spawnDray([
    ...["serve", "-q", "--listen", "[::1]:0", "--store", dir.path],
  ]);
  await local.stdoutMatches(/^http:\/\/\[::1\]:\d+\n$/);
  local.kill();
  assert.equal((await local.result).stderr, "");
});

Deno.test("dray serve --upstream fetches, keeps and shows what a client pulls through it", async () => {
  await using dir = await storeDir();
  await using upstream = spawnDray([
    ...["serve", "--json", "--listen", "127.0.0.1:0", "--store", dir.path],
  ]);
  const { host } = await listening(upstream);
  await using kept = await tempDir();
  await using mirror = spawnDray([
    ...["serve", "--json", "--listen", "127.0.0.1:0", "--store", kept.path],
    ...["--upstream", host],
  ]);
  const { host: mirrorHost } = await listening(mirror);
  await using client = await tempDir();
  const pull = [
    ...["pull", `${mirrorHost}/library/alpine:3.20`, "--force"],
    ...["--store", client.path, "--platform", "linux/amd64"],
  ];
  const first = await runDray(pull);
  assert.equal(first.code, 0, first.stderr);
  const images = await runDray(["images", "-q", "--store", kept.path]);
  assert.equal(images.stdout, `${host}/library/alpine:3.20\n`);
  upstream.kill();
  await upstream.result;
  const second = await runDray(pull);
  assert.equal(second.code, 0, second.stderr);
  assert.equal(second.stdout, first.stdout);
  mirror.kill();
  assert.match((await mirror.result).stderr, /Cannot reach/);
});
