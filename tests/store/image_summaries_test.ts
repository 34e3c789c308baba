import assert from "node:assert/strict";
import { DatabaseSync } from "node:sqlite";
import { LocalError } from "../../src/errors.ts";
import { Store } from "../../src/store/store.ts";
import type { StoredImage } from "../../src/store/stored_image.ts";
import {
  buildArtifact,
  buildImage,
  buildIndex,
} from "../testing/image_builder.ts";
import { tempDir } from "../testing/temp_dir.ts";
import { storeImage } from "./stored_fixture.ts";

const AMD64 = { os: "linux", architecture: "amd64" };
const ARM = { os: "linux", architecture: "arm", variant: "v7" };
const WINDOWS = { os: "windows", architecture: "amd64" };

Deno.test("summaries() says what listImages() does of images, indexes and artifacts", async () => {
  await using dir = await tempDir();
  await using store = await Store.open(dir.path);
  const index = buildIndex([
    buildImage({ platform: AMD64 }),
    buildImage({ platform: ARM }),
    buildImage({ platform: WINDOWS }),
  ]);
  await storeImage(store, "ghcr.io/owner/index:1", index, {
    images: index.images.slice(0, 2),
  });
  await storeImage(store, "ghcr.io/owner/none:1", index, { images: [] });
  await storeImage(store, "docker.io/library/alpine:1", buildImage());
  await storeImage(store, "ghcr.io/owner/text:1", buildArtifact({ a: "b" }));

  const summaries = store.catalog.summaries();
  assert.deepEqual(summaries, store.listImages().map(summarize));
  assert.deepEqual(
    summaries.map(({ platforms }) => platforms.length),
    [1, 2, 0, 1],
  );
});

Deno.test("summaries() refuses a row whose digest is none", async () => {
  await using dir = await tempDir();
  {
    await using store = await Store.open(dir.path);
    await storeImage(store, "docker.io/library/alpine:1", buildImage());
  }
  {
    using database = new DatabaseSync(`${dir.path}/oci.db`);
    database.exec("PRAGMA ignore_check_constraints = ON");
    database.exec("UPDATE images SET digest = 'sha256:0'");
  }
  await using store = await Store.open(dir.path);
  assert.throws(
    () => store.catalog.summaries(),
    (error: unknown) =>
      error instanceof LocalError && error.code === "store-damaged",
  );
});

function summarize(image: StoredImage): unknown {
  const { mediaType: _mediaType, size: _size, platforms, ...rest } = image;
  return {
    ...rest,
    platforms: platforms.map(({ platform }) => ({ platform })),
  };
}
