import assert from "node:assert/strict";
import { DatabaseSync } from "node:sqlite";
import { parseDigest } from "../../src/spec/digest.ts";
import { Store } from "../../src/store/store.ts";
import { buildImage, buildIndex } from "../testing/image_builder.ts";
import { writeImageLayout } from "../testing/image_layout.ts";
import { tempDir } from "../testing/temp_dir.ts";
import { storeImage } from "./stored_fixture.ts";

const ALPINE = "docker.io/library/alpine:3.20";
const OTHER = "ghcr.io/owner/other:latest";

Deno.test("a store whose database is lost finds its images again", async () => {
  await using dir = await tempDir();
  const images = [
    buildImage({ platform: { os: "linux", architecture: "amd64" } }),
    buildImage({
      platform: { os: "linux", architecture: "arm", variant: "v7" },
      layers: [{ seed: 3 }],
    }),
  ] as const;
  const now = () => 1000;
  const before = await (async () => {
    await using store = await Store.open(dir.path, { now });
    await storeImage(store, ALPINE, buildIndex(images), {
      images: [images[1]],
    });
    await storeImage(store, OTHER, images[0]);
    const lost = parseDigest(images[0].root.descriptor.digest);
    await Deno.remove(store.blobPath(lost));
    // When an image came is what its file says.
    const root = store.findImage(ALPINE)?.digest;
    if (root !== undefined) await Deno.utime(store.blobPath(root), 1, 1);
    return store.listImages();
  })();
  const indexJson = await Deno.readTextFile(dir.join("index.json"));
  await removeDatabase(dir.path);
  await using store = await Store.open(dir.path, { now });
  // What lost a blob is left out; the rest is as it was.
  assert.deepEqual(
    store.listImages(),
    before.filter(({ reference }) => reference === ALPINE),
  );
  assert.notEqual(await Deno.readTextFile(dir.join("index.json")), indexJson);
});

Deno.test("an index.json that another tool wrote is refused, and stays as it is", async () => {
  await using dir = await tempDir();
  await writeImageLayout(dir.path, buildImage(), "latest");
  const before = await Deno.readTextFile(dir.join("index.json"));
  for (let turn = 0; turn < 2; turn++) {
    await assert.rejects(Store.open(dir.path), {
      name: "LocalError",
      code: "store-damaged",
      message: /names "latest", which is no reference of dray's$/,
    });
  }
  assert.equal(await Deno.readTextFile(dir.join("index.json")), before);
});

Deno.test("an index.json that is none is refused, and stays as it is", async () => {
  await using dir = await tempDir();
  await Deno.writeTextFile(dir.join("index.json"), "half an ind");
  await assert.rejects(Store.open(dir.path), { code: "store-damaged" });
  assert.equal(
    await Deno.readTextFile(dir.join("index.json")),
    "half an ind",
  );
  await Deno.truncate(dir.join("index.json"), 3e9);
  await assert.rejects(Store.open(dir.path), { code: "store-damaged" });
});

Deno.test("a layout with canonical names becomes a store", async () => {
  await using dir = await tempDir();
  await writeImageLayout(dir.path, buildImage(), ALPINE);
  await using store = await Store.open(dir.path);
  assert.deepEqual(
    store.listImages().map(({ reference, layers }) => [reference, layers]),
    [[ALPINE, 1]],
  );
});

async function removeDatabase(dir: string): Promise<void> {
  for await (const { name } of Deno.readDir(dir)) {
    if (name.startsWith("oci.db")) await Deno.remove(`${dir}/${name}`);
  }
}

Deno.test("open() stops the look for lost images at its signal, and the next one goes on", async () => {
  await using dir = await tempDir();
  const references = Array.from(
    { length: 100 },
    (_, number) => `ghcr.io/owner/app:${100 + number}`,
  );
  {
    await using store = await Store.open(dir.path, { sync: false });
    const image = buildImage();
    for (const reference of references) {
      await storeImage(store, reference, image);
    }
  }
  await removeDatabase(dir.path);
  const interrupt = new AbortController();
  const opening = Store.open(dir.path, {
    sync: false,
    signal: interrupt.signal,
  });
  // While it works, not while it waits.
  setTimeout(() => interrupt.abort(new Error("enough")));
  await assert.rejects(opening, /^Error: enough$/);
  const begun = countImages(dir.path);
  assert.ok(begun < references.length, `${begun}`);
  await using store = await Store.open(dir.path, { sync: false });
  assert.deepEqual(
    store.listImages().map(({ reference }) => reference),
    references,
  );
});

function countImages(dir: string): number {
  using database = new DatabaseSync(`${dir}/oci.db`);
  return Number(database.prepare("SELECT count(*) AS n FROM images").get()?.n);
}
