import { formatReference, parseReference } from "../../src/spec/reference.ts";
import { Store } from "../../src/store/store.ts";
import { storeImage } from "../store/stored_fixture.ts";
import {
  buildBlob,
  buildImage,
  type ImageOptions,
  MEDIA_TYPES,
  type TestLayer,
} from "../testing/image_builder.ts";
import { digestOf } from "../testing/test_bytes.ts";
import { type TempDir, tempDir } from "../testing/temp_dir.ts";

/** A store with an image `test`, in a folder with room for results. */
export interface UnpackFixture extends AsyncDisposable {
  readonly dir: TempDir;
  readonly store: Store;
  readonly reference: string;
}

/** Stores an image of these layers under `docker.io/library/test:latest`. */
export async function unpackFixture(
  layers: ImageOptions["layers"],
  more: ImageOptions = {},
): Promise<UnpackFixture> {
  const dir = await tempDir();
  const store = await Store.open(dir.join("store"), { sync: false });
  const reference = formatReference(parseReference("test"));
  await storeImage(
    store,
    reference,
    buildImage({ ...more, layers: layers ?? [] }),
  );
  return {
    dir,
    store,
    reference,
    async [Symbol.asyncDispose]() {
      await store[Symbol.asyncDispose]();
      await dir[Symbol.asyncDispose]();
    },
  };
}

/** A layer of any bytes, which says that its uncompressed form is another. */
export function rawLayer(
  bytes: Uint8Array<ArrayBuffer>,
  content: Uint8Array = bytes,
): TestLayer {
  return {
    ...buildBlob(bytes, MEDIA_TYPES.oci.layer.gzip),
    diffId: digestOf(content),
  };
}

/** Names in the folder of the fixture besides the store. */
export function namesIn({ path }: Pick<TempDir, "path">): readonly string[] {
  return [...Deno.readDirSync(path)].map(({ name }) => name)
    .filter((name) => name !== "store").sort();
}
