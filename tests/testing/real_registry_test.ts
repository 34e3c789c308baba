import assert from "node:assert/strict";
import { makeCertificates } from "./certificates.ts";
import {
  buildImage,
  buildMultiPlatform,
  MEDIA_TYPES,
} from "./image_builder.ts";
import { writeImageLayout } from "./image_layout.ts";
import { requirePeers } from "./peers.ts";
import { pushImage, putImage, startRealRegistry } from "./real_registry.ts";
import { mustRun } from "./run_command.ts";
import { tempDir } from "./temp_dir.ts";

const peers = await requirePeers("docker-registry", "skopeo", "umoci", "perl");
const ACCEPT = Object.values(MEDIA_TYPES).flatMap((
  types,
) => [types.manifest, types.index]);

async function head(
  url: string,
  init: RequestInit & { client?: Deno.HttpClient } = {},
) {
  const response = await fetch(url, {
    ...init,
    headers: { Accept: ACCEPT.join(), ...init.headers },
  });
  await response.body?.cancel();
  return response;
}

peers.test("putImage() stores the very bytes, and skopeo and umoci accept them", async () => {
  await using registry = await startRealRegistry();
  await using dir = await tempDir();
  const image = buildMultiPlatform(
    [{ os: "linux", architecture: "amd64" }, {
      os: "linux",
      architecture: "arm64",
    }],
    { layers: [{ files: { "etc/motd": "hi\n" } }, { randomBytes: 10_000 }] },
  );
  const reference = await putImage(registry, image, "team/app", "v1");
  const answer = await head(`${registry.url}/v2/team/app/manifests/v1`);
  assert.equal(
    answer.headers.get("docker-content-digest"),
    image.root.descriptor.digest,
  );
  const layout = dir.join("layout");
  await mustRun("skopeo", [
    ...[
      "--insecure-policy",
      "--override-arch=arm64",
      "copy",
      "--src-tls-verify=false",
    ],
    ...[`docker://${reference}`, `oci:${layout}:got`],
  ]);
  await mustRun("umoci", [
    "unpack",
    "--rootless",
    "--image",
    `${layout}:got`,
    dir.join("out"),
  ]);
  assert.equal(
    await Deno.readTextFile(dir.join("out", "rootfs", "etc", "motd")),
    "hi\n",
  );
  assert.ok(
    registry.accessLog.some((line) =>
      line.includes("GET /v2/team/app/manifests/v1")
    ),
  );
});

peers.test("putImage() stores Docker schema 2 with all its types", async () => {
  await using registry = await startRealRegistry();
  const image = buildMultiPlatform([{ os: "linux", architecture: "amd64" }], {
    flavor: "docker",
  });
  await putImage(registry, image, "app", "v1");
  const answer = await head(`${registry.url}/v2/app/manifests/v1`);
  assert.equal(answer.headers.get("content-type"), MEDIA_TYPES.docker.index);
});

peers.test("pushImage() converts to the format asked for", async () => {
  await using registry = await startRealRegistry();
  for (const format of ["oci", "v2s2"] as const) {
    await pushImage(registry, buildImage(), `app:${format}`, { format });
    const answer = await head(`${registry.url}/v2/app/manifests/${format}`);
    const flavor = format === "oci" ? "oci" : "docker";
    assert.equal(
      answer.headers.get("content-type"),
      MEDIA_TYPES[flavor].manifest,
    );
  }
});

peers.test("startRealRegistry() asks for a user, and skopeo pushes as that user", async () => {
  const user = { name: "ann", password: "s3cret" };
  await using registry = await startRealRegistry({ user });
  await pushImage(registry, buildImage(), "app:v1");
  const url = `${registry.url}/v2/app/manifests/v1`;
  assert.equal((await head(url)).status, 401);
  const headers = { Authorization: `Basic ${btoa("ann:s3cret")}` };
  assert.equal((await head(url, { headers })).status, 200);
});

peers.test("startRealRegistry() mirrors another one, and comes back after a kill", async () => {
  await using origin = await startRealRegistry();
  await using mirror = await startRealRegistry({ proxyOf: origin.url });
  await putImage(origin, buildImage(), "app", "v1");
  const url = `${mirror.url}/v2/app/manifests/v1`;
  assert.equal((await head(url)).status, 200);
  await mirror.kill();
  await assert.rejects(head(url), TypeError);
  await mirror.restart();
  assert.equal((await head(url)).status, 200);
});

peers.test("startRealRegistry() speaks TLS and asks for client certificates", async () => {
  await using certificates = await makeCertificates();
  await using registry = await startRealRegistry({
    tls: certificates,
    clientCaFile: certificates.caFile,
  });
  const { ca, clientCert: cert, clientKey: key } = certificates;
  using client = Deno.createHttpClient({ caCerts: [ca], cert, key });
  assert.equal((await head(`${registry.url}/v2/`, { client })).status, 200);
  using stranger = Deno.createHttpClient({ caCerts: [ca] });
  await assert.rejects(
    head(`${registry.url}/v2/`, { client: stranger }),
    TypeError,
  );
});

peers.test("writeImageLayout() writes what skopeo reads", async () => {
  await using dir = await tempDir();
  const image = buildImage();
  await writeImageLayout(dir.path, image, "name");
  const raw = await mustRun("skopeo", [
    "inspect",
    "--raw",
    `oci:${dir.path}:name`,
  ]);
  assert.equal(raw, new TextDecoder().decode(image.root.bytes));
});
