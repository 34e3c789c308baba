import assert from "node:assert/strict";
import { DrayError, type ExitCode } from "../../src/errors.ts";
import { type TarEntry, writeTar } from "../../src/tar/write_tar.ts";
import { importImage } from "../../src/import/import_image.ts";
import type { ImportOptions } from "../../src/import/import_options.ts";
import { Store } from "../../src/store/store.ts";
import { verify } from "../../src/maintain/verify.ts";
import type { TestBlob, TestImage } from "../testing/image_builder.ts";
import { jsonBytes } from "../testing/test_bytes.ts";
import { type TempDir, tempDir } from "../testing/temp_dir.ts";

/** An empty store, in a folder with room for archives. */
export interface ImportFixture extends AsyncDisposable {
  readonly dir: TempDir;
  readonly store: Store;
  /** Writes an archive, and yields its path. */
  write(bytes: Uint8Array, name?: string): Promise<string>;
  /** Imports an archive both ways: from a file, and as a stream into the same store. */
  import(
    bytes: Uint8Array,
    options?: Partial<ImportOptions>,
  ): ReturnType<typeof importImage>;
}

/** Makes one. */
export async function importFixture(): Promise<ImportFixture> {
  const dir = await tempDir();
  const store = await Store.open(dir.join("store"), { sync: false });
  const write = async (bytes: Uint8Array, name = "x.tar"): Promise<string> => {
    await Deno.writeFile(dir.join(name), bytes);
    return dir.join(name);
  };
  return {
    dir,
    store,
    write,
    import: async (bytes, options = {}) =>
      await importImage(await write(bytes), {
        store,
        tags: ["test:1"],
        ...options,
      }),
    async [Symbol.asyncDispose]() {
      await store[Symbol.asyncDispose]();
      await dir[Symbol.asyncDispose]();
    },
  };
}

/** How an image layout is made wrong. */
export interface LayoutTarOptions {
  readonly names?: readonly (string | undefined)[];
  /** Merged into index.json. */
  readonly index?: Readonly<Record<string, unknown>>;
  /** Changes the entries of the archive. */
  readonly entries?: (entries: TarEntry[]) => readonly TarEntry[];
}

/** The entries of an OCI archive, index.json last, as tools write it. */
export function layoutEntries(
  images: readonly TestImage[],
  { names = [], index = {} }: LayoutTarOptions = {},
): TarEntry[] {
  const blobs = new Map<string, TestBlob>();
  for (const image of images) {
    for (const blob of [...image.documents, ...image.blobs]) {
      blobs.set(blob.descriptor.digest, blob);
    }
  }
  return [
    ...[...blobs].map(([digest, { bytes }]) => ({
      path: `blobs/${digest.replace(":", "/")}`,
      content: bytes,
    })),
    {
      path: "index.json",
      content: jsonBytes({
        schemaVersion: 2,
        manifests: images.map(({ root }, position) => ({
          ...root.descriptor,
          ...names[position] === undefined ? {} : {
            annotations: {
              "org.opencontainers.image.ref.name": names[position],
            },
          },
        })),
        ...index,
      }),
    },
    { path: "oci-layout", content: '{"imageLayoutVersion": "1.0.0"}' },
  ];
}

/** An OCI archive. */
export function layoutTar(
  images: readonly TestImage[],
  options: LayoutTarOptions = {},
): Uint8Array<ArrayBuffer> {
  const { entries = (all) => all } = options;
  return writeTar(entries(layoutEntries(images, options)));
}

/** The entries of a docker archive, manifest.json last, as docker writes it. */
export function dockerEntries(
  image: TestImage,
  item: Readonly<Record<string, unknown>> = {},
): TarEntry[] {
  const config = `${image.config.descriptor.digest.slice(7)}.json`;
  const layers = image.layers.map((_, position) => `${position}/layer.tar`);
  return [
    ...image.layers.map(({ bytes }, position) => ({
      path: `${position}/layer.tar`,
      content: bytes,
    })),
    { path: config, content: image.config.bytes },
    {
      path: "manifest.json",
      content: jsonBytes([{
        Config: config,
        RepoTags: ["test:1"],
        Layers: layers,
        ...item,
      }]),
    },
  ];
}

/** What a rejection must be. */
export function failsWith(code: string, exitCode: ExitCode) {
  return (error: unknown): boolean => {
    assert.ok(error instanceof DrayError, String(error));
    assert.equal(error.code, code, error.message);
    assert.equal(error.exitCode, exitCode);
    return true;
  };
}

/** That nothing is recorded, nothing is damaged, and nothing is left of what was staged. */
export async function mustBeUntouched({ store }: ImportFixture): Promise<void> {
  assert.deepEqual(store.listImages(), []);
  const { missing, corrupt } = await verify(store);
  assert.deepEqual([...missing, ...corrupt], []);
  assert.deepEqual(store.space.listPartials(), []);
  const left = [...Deno.readDirSync(`${store.dir}/ingest`)]
    .filter(({ name }) => !name.endsWith(".lock"));
  assert.deepEqual(left, []);
}
