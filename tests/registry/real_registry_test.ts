import assert from "node:assert/strict";
import { createTransport } from "../../src/http/transport.ts";
import { createEndpointSource } from "../../src/registry/hosts_folder.ts";
import { RegistryClient } from "../../src/registry/registry_client.ts";
import type { Descriptor } from "../../src/spec/descriptor.ts";
import { makeCertificates } from "../testing/certificates.ts";
import { buildImage } from "../testing/image_builder.ts";
import { requirePeers } from "../testing/peers.ts";
import { putImage, startRealRegistry } from "../testing/real_registry.ts";
import { tempDir } from "../testing/temp_dir.ts";
import { readAll, sourceOf } from "./open_client.ts";

const peers = await requirePeers("docker-registry", "openssl");
const IMAGE = buildImage({ layers: [{ randomBytes: 8_000_000 }] });
const BYTES = IMAGE.layers[0]?.bytes ?? new Uint8Array();
// Sound: the builder made a right one.
const LAYER = IMAGE.layers[0]?.descriptor as unknown as Descriptor;

peers.test("RegistryClient logs in to a docker-registry, pulls from it and lists its tags", async () => {
  const user = { name: "me", password: "s3cret" };
  await using registry = await startRealRegistry({ user });
  const reference = await putImage(registry, IMAGE, "team/app", "1");
  const credentials = sourceOf({ [registry.host]: [user.name, user.password] });
  using client = new RegistryClient({ credentials });
  const { digest } = await client.resolve(reference);
  assert.equal(digest, IMAGE.root.descriptor.digest);
  assert.equal((await client.fetchDocument(reference)).kind, "manifest");
  const repository = `${registry.host}/team/app`;
  assert.deepEqual(
    await readAll(await client.fetchBlob(repository, LAYER)),
    BYTES,
  );
  const range = { start: 1_000, end: 2_000 };
  assert.deepEqual(
    await readAll(await client.fetchBlob(repository, LAYER, { range })),
    BYTES.slice(1_000, 2_000),
  );
  assert.deepEqual(await Array.fromAsync(client.listTags(repository)), ["1"]);
  assert.equal(
    await client.checkCredentials(registry.host, {
      kind: "basic",
      username: user.name,
      password: user.password,
      origin: "test",
    }),
    "accepted",
  );
});

peers.test("RegistryClient goes on at the registry when its docker-registry mirror is killed in the middle of a blob", async () => {
  await using origin = await startRealRegistry();
  const reference = await putImage(origin, IMAGE, "team/app", "1");
  await using proxy = await startRealRegistry({ proxyOf: origin.url });
  await using dir = await tempDir();
  await Deno.mkdir(dir.join("_default"));
  await Deno.writeTextFile(
    dir.join("_default", "hosts.toml"),
    `[host."${proxy.url}"]\ncapabilities = ["pull", "resolve"]\n`,
  );
  const warnings: string[] = [];
  using transport = createTransport({ plainHttpHosts: [origin.host] });
  using client = new RegistryClient({
    transport,
    endpointsOf: createEndpointSource({ folders: [dir.path] }),
    onWarning: (message) => warnings.push(message),
  });
  await client.resolve(reference);
  const repository = `${origin.host}/team/app`;
  const first = await client.openBlob(repository, LAYER);
  assert.ok(first.kind === "whole");
  assert.equal(first.source, proxy.host);
  const reader = first.response.body?.getReader();
  const head = (await reader?.read())?.value ?? new Uint8Array();
  await proxy.kill();
  await reader?.cancel().catch(() => {});

  const range = { start: head.length, end: LAYER.size };
  const avoid = new Set([first.source]);
  const rest = await client.openBlob(repository, LAYER, { range, avoid });
  assert.ok(rest.kind === "range");
  assert.equal(rest.source, origin.host);
  assert.deepEqual(
    new Uint8Array([...head, ...await rest.response.bytes()]),
    BYTES,
  );
  // Without being told to avoid it, too: the mirror refuses the connection.
  const other = await client.openBlob(repository, LAYER, { range });
  assert.ok(other.kind === "range");
  assert.equal(other.source, origin.host);
  await other.response.body?.cancel();
  assert.match(warnings.join(), /Mirror ".*" is passed over/);
});

peers.test("RegistryClient shows a docker-registry the client certificate that hosts.toml names", async () => {
  await using certificates = await makeCertificates();
  const { certFile, keyFile, caFile, clientCertFile, clientKeyFile } =
    certificates;
  await using registry = await startRealRegistry({
    tls: { certFile, keyFile },
    clientCaFile: caFile,
  });
  await using dir = await tempDir();
  const folder = dir.join(`${registry.host.replace(":", "_")}_`);
  await Deno.mkdir(folder);
  const endpointsOf = () => createEndpointSource({ folders: [dir.path] });
  const write = (text: string) =>
    Deno.writeTextFile(`${folder}/hosts.toml`, text);
  const client = () => new RegistryClient({ endpointsOf: endpointsOf() });
  const repository = `${registry.host}/team/none`;

  await write(
    `ca = "${caFile}"\nclient = [["${clientCertFile}", "${clientKeyFile}"]]\n`,
  );
  using trusted = client();
  await assert.rejects(
    trusted.resolve(`${repository}:1`),
    (error) =>
      error instanceof Error && "code" in error && error.code === "not-found",
  );
  await write(`ca = "${caFile}"\n`);
  using nameless = client();
  await assert.rejects(
    nameless.resolve(`${repository}:1`),
    (error) =>
      error instanceof Error && "exitCode" in error && error.exitCode === 5,
  );
});
