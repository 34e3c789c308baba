import { Store } from "../../src/store/store.ts";
import type { ArchiveHandler } from "../../src/tar/archive_entry.ts";
import { concatBytes } from "../../src/tar/concat_bytes.ts";
import { TarReader } from "../../src/tar/tar_reader.ts";
import { storeImage } from "../store/stored_fixture.ts";
import {
  buildImage,
  buildMultiPlatform,
  type TestImage,
} from "../testing/image_builder.ts";
import { type TempDir, tempDir } from "../testing/temp_dir.ts";

/** A store with images, in a folder with room for results. */
export interface ExportFixture extends AsyncDisposable {
  readonly dir: TempDir;
  readonly store: Store;
  /** By the name under which it is stored: `docker.io/library/NAME:1`. */
  readonly images: Readonly<Record<string, TestImage>>;
}

/** The canonical reference of an image of the fixture. */
export function nameOf(name: string): string {
  return `docker.io/library/${name}:1`;
}

const AMD = { os: "linux", architecture: "amd64" };
const ARM = { os: "linux", architecture: "arm64" };

/** Two images that share a layer, and all else that matters. */
export function sampleImages(): Record<string, TestImage> {
  const shared = { files: { shared: "shared" } };
  return {
    one: buildImage({ layers: [{ files: { a: "a" } }, shared] }),
    two: buildImage({ layers: [{ files: { b: "b" } }, shared] }),
    docker: buildImage({ flavor: "docker", layers: [shared] }),
    zstd: buildImage({
      layers: [
        { files: { z: "z".repeat(5000) }, compression: "zstd" },
        { files: { n: "n" }, compression: "none" },
      ],
    }),
    multi: buildMultiPlatform([AMD, ARM]),
    attested: buildMultiPlatform([AMD, ARM], {
      attestations: true,
      index: { annotations: { note: "kept" } },
    }),
    huge: buildImage({ layers: [{ randomBytes: 3_000_000 }] }),
  };
}

/** Stores {@linkcode sampleImages}. */
export async function exportFixture(): Promise<ExportFixture> {
  const dir = await tempDir();
  const store = await Store.open(dir.join("store"), { sync: false });
  const images = sampleImages();
  for (const [name, image] of Object.entries(images)) {
    await storeImage(store, nameOf(name), image);
  }
  return {
    dir,
    store,
    images,
    async [Symbol.asyncDispose]() {
      await store[Symbol.asyncDispose]();
      await dir[Symbol.asyncDispose]();
    },
  };
}

/** The files of an archive, by path. */
export function filesOf(archive: Uint8Array): Map<string, Uint8Array> {
  const files = new Map<string, Uint8Array>();
  let path = "";
  let pieces: Uint8Array[] = [];
  const handler: ArchiveHandler = {
    entry(entry): void {
      path = entry.path;
      pieces = [];
    },
    data: (bytes) => void pieces.push(bytes.slice()),
    end: () => void files.set(path, concatBytes(pieces)),
  };
  const reader = new TarReader(handler);
  reader.write(archive);
  reader.close();
  return files;
}

/** A file of an archive as JSON, of the form that the test goes on to check. */
export function jsonOf<Form = unknown>(
  archive: Uint8Array,
  path: string,
): Form {
  return JSON.parse(new TextDecoder().decode(filesOf(archive).get(path)));
}
