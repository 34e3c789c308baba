import assert from "node:assert/strict";
import { serve } from "../../src/serve_store.ts";
import { Store } from "../../src/store/store.ts";
import { storeImage } from "../store/stored_fixture.ts";
import { buildImage } from "../testing/image_builder.ts";
import { requirePeers } from "../testing/peers.ts";
import { startContainerd } from "../testing/containerd.ts";
import { mustRun } from "../testing/run_command.ts";
import { tempDir } from "../testing/temp_dir.ts";

const peers = await requirePeers("ctr");
const image = buildImage({ layers: [{ randomBytes: 300_000 }, {}] });
peers.test("ctr fetches from serve() as from a registry, and as from a mirror of docker.io", async () => {
  await using dir = await tempDir();
  await using store = await Store.open(dir.join("store"), { sync: false });
  await storeImage(store, "docker.io/library/alpine:3.20", image);
  await using server = serve(store);
  const hosts = dir.join("certs.d/docker.io");
  await Deno.mkdir(hosts, { recursive: true });
  await Deno.writeTextFile(
    `${hosts}/hosts.toml`,
    `server = "http://127.0.0.1:1"
[host."http://${server.host}"]
  capabilities = ["pull", "resolve"]
`,
  );
  await using daemon = await startContainerd(dir.path);
  const cases = [
    [["--plain-http"], `${server.host}/library/alpine:3.20`],
    [["--hosts-dir", dir.join("certs.d")], "docker.io/library/alpine:3.20"],
  ] as const;
  for (const [options, reference] of cases) {
    const namespace = `test-${options.length}`;
    const ctr = ["--address", daemon.socket, "--namespace", namespace];
    const content = [...ctr, "content"];
    await mustRun("ctr", [...content, "fetch", ...options, reference]);
    const listed = await mustRun("ctr", [...content, "ls", "--quiet"]);
    assert.deepEqual(
      listed.trim().split("\n").sort(),
      [...image.documents, ...image.blobs]
        .map(({ descriptor }) => descriptor.digest).sort(),
    );
  }
});
