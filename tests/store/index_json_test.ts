import assert from "node:assert/strict";
import { DatabaseSync } from "node:sqlite";
import { Store } from "../../src/store/store.ts";
import { buildImage, buildIndex } from "../testing/image_builder.ts";
import { requirePeers } from "../testing/peers.ts";
import { mustRun } from "../testing/run_command.ts";
import { tempDir } from "../testing/temp_dir.ts";
import { storeImage } from "./stored_fixture.ts";

const ALPINE = "docker.io/library/alpine:3.20";
const PINNED = `localhost:5000/a/b:1@sha256:${"0".repeat(64)}`;

const peers = await requirePeers("skopeo", "umoci", "sqlite3");

Deno.test("index.json names each reference's root, and forgets what was removed", async () => {
  await using dir = await tempDir();
  await using store = await Store.open(dir.path);
  const [one, two] = [buildImage(), buildImage({ layers: [{ seed: 5 }] })];
  await storeImage(store, PINNED, two);
  await storeImage(store, ALPINE, one);
  const entries = [[ALPINE, one], [PINNED, two]] as const;
  assert.deepEqual(
    await readIndexJson(dir.path),
    entries.map(([reference, { root }]) => ({
      ...root.descriptor,
      annotations: { "org.opencontainers.image.ref.name": reference },
    })),
  );
  await store.removeImage(ALPINE);
  assert.equal((await readIndexJson(dir.path)).length, 1);
});

Deno.test("open() mends an index.json that a crash left behind", async () => {
  await using dir = await tempDir();
  {
    await using store = await Store.open(dir.path);
    await storeImage(store, ALPINE, buildImage());
  }
  const text = await Deno.readTextFile(dir.join("index.json"));
  const older = '{"schemaVersion":2,"manifests":[]}';
  await Deno.writeTextFile(dir.join("index.json"), older);
  {
    await using _unharmed = await Store.open(dir.path);
  }
  assert.equal(await Deno.readTextFile(dir.join("index.json")), older);
  {
    using database = new DatabaseSync(dir.join("oci.db"));
    database.exec("UPDATE layout_state SET changed = changed + 1");
  }
  {
    await using _mended = await Store.open(dir.path);
  }
  assert.equal(await Deno.readTextFile(dir.join("index.json")), text);
});

const SPOILT: readonly (readonly [string, string | number | undefined])[] = [
  ["missing", undefined],
  ["empty", ""],
  ["garbage", "\0\0garbage"],
  ["no index", "{}"],
  ["3 GB of nothing", 3e9],
  ["cut off", '{"schemaVersion":2,"manifests":[{"digest"'],
];

for (const [name, content] of SPOILT) {
  Deno.test(`open() writes index.json again when it is ${name}`, async () => {
    await using dir = await tempDir();
    {
      await using store = await Store.open(dir.path);
      await storeImage(store, ALPINE, buildImage());
    }
    const path = dir.join("index.json");
    const text = await Deno.readTextFile(path);
    if (content === undefined) await Deno.remove(path);
    else if (typeof content === "number") await Deno.truncate(path, content);
    else await Deno.writeTextFile(path, content);
    {
      await using _mended = await Store.open(dir.path);
    }
    assert.equal(await Deno.readTextFile(path), text);
  });
}

peers.test("skopeo and umoci read an image of the store as it is", async () => {
  await using dir = await tempDir();
  await using store = await Store.open(dir.join("store"));
  const image = buildImage({ layers: [{}, {}] });
  await storeImage(store, ALPINE, image);
  const source = `oci:${store.dir}:${ALPINE}`;
  const told = JSON.parse(await mustRun("skopeo", ["inspect", source]));
  assert.equal(told.Digest, image.root.descriptor.digest);
  assert.deepEqual(
    told.Layers,
    image.layers.map(({ descriptor }) => descriptor.digest),
  );
  await mustRun("skopeo", [
    "copy",
    "--insecure-policy",
    source,
    `dir:${dir.join("copy")}`,
  ]);
  const listed = await mustRun("umoci", ["ls", "--layout", store.dir]);
  assert.equal(listed.trim(), ALPINE);
});

peers.test("skopeo picks the platform inside an index, though others are not stored", async () => {
  await using dir = await tempDir();
  await using store = await Store.open(dir.join("store"));
  const images = [
    buildImage({ platform: { os: "linux", architecture: "amd64" } }),
    buildImage({
      platform: { os: "linux", architecture: "arm64" },
      layers: [{ seed: 4 }],
    }),
  ] as const;
  await storeImage(store, ALPINE, buildIndex(images), { images: [images[1]] });
  const arm64 = ["--override-os", "linux", "--override-arch", "arm64"];
  const source = `oci:${store.dir}:${ALPINE}`;
  const told = await mustRun("skopeo", [...arm64, "inspect", source]);
  assert.equal(JSON.parse(told).Architecture, "arm64");
  await mustRun("skopeo", [
    ...arm64,
    "copy",
    "--insecure-policy",
    source,
    `dir:${dir.join("copy")}`,
  ]);
});

peers.test("sqlite3 can ask the store while it is open", async () => {
  await using dir = await tempDir();
  await using store = await Store.open(dir.path);
  await storeImage(store, ALPINE, buildImage());
  const out = await mustRun("sqlite3", [
    dir.join("oci.db"),
    "SELECT reference, size_bytes > 0, layer_count FROM images",
  ]);
  assert.equal(out.trim(), `${ALPINE}|1|1`);
});

async function readIndexJson(dir: string): Promise<readonly unknown[]> {
  const { manifests } = JSON.parse(
    await Deno.readTextFile(`${dir}/index.json`),
  );
  return manifests;
}

Deno.test("open() refuses an OCI layout of a version that it doesn't know", async () => {
  await using dir = await tempDir();
  {
    await using _store = await Store.open(dir.path);
  }
  const path = dir.join("oci-layout");
  await Deno.writeTextFile(path, '{"imageLayoutVersion":"9.0.0"}');
  await assert.rejects(Store.open(dir.path), { code: "store-too-new" });
  assert.match(await Deno.readTextFile(path), /9\.0\.0/);
});
