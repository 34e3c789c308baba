import assert from "node:assert/strict";
import { pull } from "../../src/pull/pull.ts";
import { Store } from "../../src/store/store.ts";
import { buildImage, buildMultiPlatform } from "../testing/image_builder.ts";
import { requirePeers } from "../testing/peers.ts";
import {
  pushImage,
  putImage,
  startRealRegistry,
} from "../testing/real_registry.ts";
import { mustRun } from "../testing/run_command.ts";
import { tempDir } from "../testing/temp_dir.ts";
import { AMD64 } from "./pull_kit.ts";

const peers = await requirePeers("docker-registry", "skopeo");
const MIB = 2 ** 20;

peers.test("pull() takes what skopeo pushed, OCI and Docker, into a store that skopeo reads", async () => {
  await using registry = await startRealRegistry();
  await using dir = await tempDir("dray-real-");
  await using store = await Store.open(dir.path, { sync: false });
  const image = buildImage({ layers: [{ randomBytes: 100_000 }, {}] });
  for (const format of ["oci", "v2s2"] as const) {
    const reference = await pushImage(registry, image, `team/app:${format}`, {
      format,
    });
    const result = await pull(reference, { store, platforms: [AMD64] });
    assert.equal(result.platforms[0]?.layers.length, 2);
  }
  const found = await mustRun("skopeo", [
    "inspect",
    `oci:${dir.path}:${registry.host}/team/app:oci`,
  ]);
  assert.equal(JSON.parse(found).Architecture, "amd64");
});

peers.test("pull() takes every platform of an index from a real registry", async () => {
  await using registry = await startRealRegistry();
  await using dir = await tempDir("dray-real-");
  await using store = await Store.open(dir.path, { sync: false });
  const image = buildMultiPlatform([AMD64, {
    os: "linux",
    architecture: "arm64",
  }]);
  const reference = await putImage(registry, image, "team/app", "v1");
  const result = await pull(reference, { store, allPlatforms: true });
  assert.equal(result.digest, image.root.descriptor.digest);
  assert.equal(result.platforms.length, 2);
  const again = await pull(reference, { store, allPlatforms: true });
  assert.equal(again.bytesDownloaded, 0);
});

peers.test("pull() goes on when a real registry is killed and started again in the middle", async () => {
  await using registry = await startRealRegistry();
  await using dir = await tempDir("dray-real-");
  await using store = await Store.open(dir.path, { sync: false });
  const image = buildImage({ layers: [{ randomBytes: 24 * MIB }] });
  const reference = await putImage(registry, image, "team/app", "v1");
  let restarting: Promise<void> | undefined;
  let retries = 0;
  const result = await pull(reference, {
    store,
    platforms: [AMD64],
    limitRate: 40 * MIB,
    onEvent: ({ event }) => {
      if (event === "blob-progress") restarting ??= registry.restart();
      if (event === "blob-retry") retries++;
    },
  });
  await restarting;
  assert.ok(retries > 0, "it was never cut");
  const { digest } = result.platforms[0]?.layers[0] ?? {};
  assert.equal(digest, image.layers[0]?.descriptor.digest);
  assert.equal(result.bytesDownloaded, result.bytesTotal);
});
