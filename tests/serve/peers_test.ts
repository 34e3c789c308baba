import assert from "node:assert/strict";
import { createMemorySource } from "../../src/serve/memory_source.ts";
import { createRegistryHandler } from "../../src/serve/registry_handler.ts";
import { createSampleImage } from "../../src/serve/sample_image.ts";
import {
  type RunningServer,
  startServer,
} from "../../src/serve/start_server.ts";
import { requirePeers } from "../testing/peers.ts";
import { mustRun } from "../testing/run_command.ts";
import { tempDir } from "../testing/temp_dir.ts";
import { digestOf } from "../testing/test_bytes.ts";

const peers = await requirePeers("skopeo", "curl", "umoci");
const image = createSampleImage({ noiseBytes: 300_000 });

function serveSample(): RunningServer {
  const source = createMemorySource([
    { repository: "dray/sample", tags: ["latest", "1"], image },
  ]);
  return startServer(createRegistryHandler(source));
}

peers.test("skopeo inspects what createRegistryHandler() serves", async () => {
  await using server = serveSample();
  const output = await mustRun("skopeo", [
    "--override-arch=arm64",
    "inspect",
    "--tls-verify=false",
    `docker://${server.host}/dray/sample:latest`,
  ]);
  const inspected = JSON.parse(output);
  assert.equal(inspected.Digest, image.root.descriptor.digest);
  assert.equal(inspected.Architecture, "arm64");
  assert.deepEqual(inspected.RepoTags, ["1", "latest"]);
});

peers.test("skopeo copies every platform from createRegistryHandler(), and umoci unpacks it", async () => {
  await using server = serveSample();
  await using dir = await tempDir();
  const layout = dir.join("layout");
  const from = `docker://${server.host}/dray/sample:1`;
  const copy = ["--insecure-policy", "copy", "--src-tls-verify=false"];
  await mustRun("skopeo", [...copy, "--all", from, `oci:${layout}:all`]);
  for (const { descriptor } of [...image.documents, ...image.blobs]) {
    const hex = descriptor.digest.slice("sha256:".length);
    const bytes = await Deno.readFile(`${layout}/blobs/sha256/${hex}`);
    assert.equal(digestOf(bytes), descriptor.digest);
  }
  const one = dir.join("one");
  await mustRun("skopeo", [
    ...["--override-arch=arm", "--override-variant=v7"],
    ...[...copy, from, `oci:${one}:one`],
  ]);
  await mustRun("umoci", [
    ...["unpack", "--rootless", "--image", `${one}:one`, dir.join("out")],
  ]);
  const hello = await mustRun(dir.join("out/rootfs/usr/bin/hello"), []);
  assert.equal(hello, "Hello from dray, on linux/arm/v7\n");
  const release = dir.join("out/rootfs/usr/lib/os-release");
  assert.match(await Deno.readTextFile(release), /ID=dray-sample/);
});

peers.test("curl resumes a blob of createRegistryHandler()", async () => {
  await using server = serveSample();
  await using dir = await tempDir();
  const [, blob] = image.blobs;
  assert.ok(blob !== undefined);
  const path = dir.join("blob");
  await Deno.writeFile(path, blob.bytes.subarray(0, 100_000));
  const url =
    `http://${server.host}/v2/dray/sample/blobs/${blob.descriptor.digest}`;
  const status = await mustRun("curl", [
    ...["--silent", "--show-error", "--compressed", "--continue-at", "-"],
    ...["--write-out", "%{http_code} %{size_download}", "--output", path, url],
  ]);
  assert.equal(status, `206 ${blob.bytes.length - 100_000}`);
  assert.deepEqual(await Deno.readFile(path), blob.bytes);
});
