import assert from "node:assert/strict";
import { FollowedImages } from "../../../src/serve/mirror/followed_images.ts";
import { MirrorRecorder } from "../../../src/serve/mirror/mirror_recorder.ts";
import { parseDescriptor } from "../../../src/spec/descriptor.ts";
import { type Document, parseDocument } from "../../../src/spec/manifest.ts";
import type { ImageRecord } from "../../../src/store/image_record.ts";
import {
  buildImage,
  buildIndex,
  type TestBlob,
} from "../../testing/image_builder.ts";

/** Follows into a store that has every blob. */
function follow() {
  const records: ImageRecord[] = [];
  const failures: unknown[] = [];
  const store = {
    hasBlob: () => Promise.resolve(true),
    readBlobBytes: () => Promise.resolve(new TextEncoder().encode("{}")),
    recordImage: (record: ImageRecord) =>
      Promise.resolve(void records.push(record)),
    findImage: () => undefined,
  };
  const images = new FollowedImages();
  const recorder = new MirrorRecorder(
    store,
    images,
    (error) => failures.push(error),
  );
  return { images, recorder, records, failures };
}

function documentOf({ descriptor, bytes }: TestBlob): Document {
  return parseDocument(bytes, {
    descriptor: parseDescriptor(descriptor, "test"),
  });
}

Deno.test("MirrorRecorder.record() follows nested indexes once, however often they list each other", async () => {
  const { images, recorder, records, failures } = follow();
  let image = buildImage();
  images.add("r/a", documentOf(buildImage().root));
  images.add("r/a", documentOf(image.root));
  for (let depth = 0; depth < 4; depth++) {
    image = buildIndex(Array<typeof image>(100).fill(image));
    images.add("r/a", documentOf(image.root));
  }
  images.addRoot("r/a", "r/a:1", documentOf(image.root));
  await recorder.record("r/a");
  assert.deepEqual(failures, []);
  const recorded = records.find(({ reference }) => reference === "r/a:1");
  assert.equal(recorded?.documents.length, 5);
});

Deno.test("FollowedImages remembers no more than it has memory for, the latest first", () => {
  const { images } = follow();
  const document = documentOf(buildImage().root);
  const { digest } = document.descriptor;
  const large = { ...document, bytes: new Uint8Array(4 * 2 ** 20) };
  for (let count = 0; count < 40; count++) images.add(`r/${count}`, large);
  assert.equal(images.find("r/0", digest), undefined);
  assert.equal(images.find("r/39", digest), large);
  const kept = Array.from(
    { length: 40 },
    (_, at) => images.find(`r/${at}`, digest),
  );
  assert.ok(kept.filter((found) => found !== undefined).length <= 16);
});
