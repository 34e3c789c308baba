import assert from "node:assert/strict";
import { gzipSync } from "node:zlib";
import { importImage } from "../../src/import/import_image.ts";
import { writeTar } from "../../src/tar/write_tar.ts";
import {
  buildImage,
  buildIndex,
  buildRawDocument,
  type TestImage,
} from "../testing/image_builder.ts";
import { canMountDisks, smallDisk } from "../testing/small_disk.ts";
import { digestOf, jsonBytes } from "../testing/test_bytes.ts";
import { Store } from "../../src/store/store.ts";
import { rawEntry, rawTar } from "../tar/raw_tar.ts";
import {
  dockerEntries,
  failsWith,
  importFixture,
  type layoutEntries,
  layoutTar,
  mustBeUntouched,
} from "./import_fixture.ts";

const image = buildImage({
  layers: [{ files: { a: "a" }, compression: "none" }, { files: { b: "b" } }],
});
const layer = pathOf(image.layers[0]?.descriptor.digest);
const config = pathOf(image.config.descriptor.digest);
const encoder = new TextEncoder();

function pathOf(digest = ""): string {
  return `blobs/${digest.replace(":", "/")}`;
}

function oci(
  change: (
    entries: ReturnType<typeof layoutEntries>,
  ) => ReturnType<typeof layoutEntries>,
): Uint8Array {
  return layoutTar([image], { entries: change });
}

function withContent(path: string, content: Uint8Array | string): Uint8Array {
  return oci((all) =>
    all.map((entry) => entry.path === path ? { ...entry, content } : entry)
  );
}

function docker(item: Readonly<Record<string, unknown>>): Uint8Array {
  return writeTar(dockerEntries(image, item));
}

function rootOf(document: unknown, mediaType = ""): Uint8Array {
  const bytes = document instanceof Uint8Array
    ? new Uint8Array(document)
    : jsonBytes(document);
  return layoutTar([
    buildRawDocument(
      bytes,
      mediaType || image.root.descriptor.mediaType,
      image,
    ),
  ]);
}

function nested(depth: number): TestImage {
  let root = buildIndex([image]);
  for (let level = 0; level < depth; level++) root = buildIndex([root]);
  return root;
}

const wide = Array.from({ length: 10_001 }, () => image.root.descriptor);
const flipped = image.layers[0]?.bytes.slice() ?? new Uint8Array();
flipped[0] = 0x62;

/** An archive, what is wrong with it, and the code that it is refused with. */
const CASES: readonly (readonly [
  what: string,
  code: string,
  archive: () => Uint8Array,
])[] = [
  // The archive itself.
  [
    "that is no archive",
    "archive-invalid",
    () => encoder.encode("x".repeat(2000)),
  ],
  ["that is empty", "archive-invalid", () => new Uint8Array()],
  [
    "of something else",
    "archive-invalid",
    () => writeTar([{ path: "etc/passwd" }]),
  ],
  [
    "that is cut short in a blob",
    "archive-invalid",
    () => layoutTar([image]).slice(0, 700),
  ],
  [
    "that is cut short between blobs",
    "archive-invalid",
    () => layoutTar([image]).slice(0, 2560),
  ],
  [
    "in gzip that is cut short",
    "compression-invalid",
    () => gzipSync(layoutTar([image])).subarray(0, 300),
  ],
  [
    "in xz",
    "compression-unsupported",
    () => new Uint8Array([0xfd, 0x37, 0x7a, 0x58, 0x5a, 0, 0, 0]),
  ],
  [
    "with a path that leads out",
    "path-unsafe",
    () => oci((all) => [...all, { path: "../evil" }]),
  ],
  [
    "with a path that leads out and back",
    "path-unsafe",
    () => oci((all) => [...all, { path: "a/../b" }]),
  ],
  [
    "with an absolute path",
    "path-unsafe",
    () => oci((all) => [...all, { path: "/etc/passwd" }]),
  ],
  [
    "with a file that stands twice",
    "archive-invalid",
    () => oci((all) => [...all, { path: "index.json", content: "{}" }]),
  ],
  [
    "with a file that stands twice, spelled otherwise",
    "archive-invalid",
    () => oci((all) => [...all, { path: ".//index.json", content: "{}" }]),
  ],
  [
    "with a sparse file",
    "archive-invalid",
    () =>
      rawTar(
        rawEntry({
          name: "x",
          type: "S",
          magic: "ustar  \0",
          patch: [[386, "00000000000\x0000000000000\x00"], [
            483,
            "00000000000\x00",
          ]],
        }),
      ),
  ],
  [
    "with a size that is past its end",
    "archive-invalid",
    () => rawTar(rawEntry({ name: "index.json", size: 2 ** 30 })),
  ],
  [
    "with an endless name",
    "archive-invalid",
    () => rawTar(rawEntry({ name: "x", type: "L", size: 2 ** 30 })),
  ],
  [
    "whose blob is a link that leads out",
    "blob-missing",
    () =>
      oci((all) =>
        all.map((entry) =>
          entry.path === layer
            ? {
              path: layer,
              type: "symlink",
              linkPath: "../../../../etc/passwd",
            }
            : entry
        )
      ),
  ],
  [
    "whose blob is an absolute link",
    "blob-missing",
    () =>
      oci((all) =>
        all.map((entry) =>
          entry.path === layer
            ? { path: layer, type: "hardlink", linkPath: "/etc/passwd" }
            : entry
        )
      ),
  ],
  [
    "whose blobs are links in a circle",
    "blob-missing",
    () =>
      oci((
        all,
      ) => [...all.filter(({ path }) => path !== layer), {
        path: layer,
        type: "symlink",
        linkPath: "b",
      }, {
        path: `${layer.slice(0, 13)}b`,
        type: "symlink",
        linkPath: layer.slice(13),
      }]),
  ],
  // Content.
  [
    "whose layer is another",
    "digest-mismatch",
    () => withContent(layer, flipped),
  ],
  [
    "whose layer is too short",
    "size-mismatch",
    () => withContent(layer, "short"),
  ],
  [
    "whose layer is too long",
    "size-mismatch",
    () => withContent(layer, new Uint8Array(100_000)),
  ],
  [
    "whose config is another",
    "digest-mismatch",
    () => withContent(config, image.config.bytes.slice().fill(0x20)),
  ],
  [
    "whose manifest is another",
    "digest-mismatch",
    () =>
      withContent(
        pathOf(image.root.descriptor.digest),
        image.root.bytes.slice().reverse(),
      ),
  ],
  [
    "without a layer",
    "blob-missing",
    () => oci((all) => all.filter(({ path }) => path !== layer)),
  ],
  [
    "without the config",
    "blob-missing",
    () => oci((all) => all.filter(({ path }) => path !== config)),
  ],
  [
    "without the manifest",
    "blob-missing",
    () =>
      oci((all) =>
        all.filter(({ path }) => path !== pathOf(image.root.descriptor.digest))
      ),
  ],
  // Documents.
  [
    "whose index.json is no JSON",
    "document-invalid",
    () => withContent("index.json", "{"),
  ],
  [
    "whose index.json has a key twice",
    "document-invalid",
    () =>
      withContent(
        "index.json",
        '{"schemaVersion":2,"manifests":[],"manifests":[]}',
      ),
  ],
  [
    "whose index.json is nested without end",
    "document-invalid",
    () => withContent("index.json", "[".repeat(100_000)),
  ],
  [
    "whose index.json has 10,001 entries",
    "document-invalid",
    () => layoutTar([image], { index: { manifests: wide } }),
  ],
  [
    "whose index.json is larger than 4 MiB",
    "document-too-large",
    () => withContent("index.json", " ".repeat((4 << 20) + 1)),
  ],
  [
    "whose index.json is a manifest",
    "document-invalid",
    () => withContent("index.json", image.root.bytes),
  ],
  [
    "whose layout has another version",
    "document-invalid",
    () => withContent("oci-layout", '{"imageLayoutVersion":"2.0.0"}'),
  ],
  [
    "whose index lists a digest that leads out",
    "document-invalid",
    () =>
      layoutTar([image], {
        index: {
          manifests: [{
            ...image.root.descriptor,
            digest: "sha256:../../../etc/passwd",
          }],
        },
      }),
  ],
  [
    "whose manifest is a manifest and an index",
    "document-invalid",
    () =>
      rootOf({
        ...JSON.parse(new TextDecoder().decode(image.root.bytes)),
        manifests: [],
      }),
  ],
  [
    "whose manifest says another type",
    "document-invalid",
    () =>
      rootOf({
        schemaVersion: 2,
        mediaType: "application/vnd.oci.image.index.v1+json",
        manifests: [],
      }),
  ],
  [
    "whose layer has two sizes",
    "size-mismatch",
    () =>
      layoutTar([
        buildImage({
          layers: [...image.layers, ...image.layers],
          layerDescriptor: (descriptor, position) =>
            position === 2 ? { ...descriptor, size: 1 } : descriptor,
        }),
      ]),
  ],
  [
    "whose config has fewer layers",
    "document-invalid",
    () =>
      layoutTar([
        buildImage({
          layers: [{}, {}],
          diffIds: [digestOf(encoder.encode("x"))],
        }),
      ]),
  ],
  [
    "whose indexes are nested 50 deep",
    "document-invalid",
    () => layoutTar([nested(50)]),
  ],
  ["without any image", "archive-invalid", () => layoutTar([])],
  // docker's own form.
  [
    "of docker whose layer is not in it",
    "blob-missing",
    () => docker({ Layers: ["0/layer.tar", "../../etc/passwd"] }),
  ],
  [
    "of docker whose config is not in it",
    "blob-missing",
    () => docker({ Config: "/etc/passwd" }),
  ],
  [
    "of docker whose layers are in the wrong order",
    "digest-mismatch",
    () => docker({ Layers: ["1/layer.tar", "0/layer.tar"] }),
  ],
  [
    "of docker with fewer layers than diff_ids",
    "document-invalid",
    () => docker({ Layers: ["0/layer.tar"] }),
  ],
  [
    "of docker whose config is not what it is called",
    "digest-mismatch",
    () =>
      writeTar([...dockerEntries(image, { Config: `${"0".repeat(64)}.json` }), {
        path: `${"0".repeat(64)}.json`,
        content: image.config.bytes,
      }]),
  ],
  [
    "of docker whose manifest.json is no list",
    "document-invalid",
    () => writeTar([{ path: "manifest.json", content: "{}" }]),
  ],
  [
    "of docker with a member that Go takes for another",
    "document-invalid",
    () => docker({ layers: [] }),
  ],
  [
    "of docker with a key twice",
    "document-invalid",
    () =>
      writeTar([{
        path: "manifest.json",
        content: '[{"Config":"a","Config":"b"}]',
      }]),
  ],
];

for (const [what, code, archive] of CASES) {
  Deno.test(`importImage() refuses an archive ${what}`, async () => {
    const bytes = archive();
    await using kit = await importFixture();
    await assert.rejects(kit.import(bytes), failsWith(code, 6));
    await mustBeUntouched(kit);
    // The same from a stream, which is read another way.
    const stream = new Blob([new Uint8Array(bytes)]).stream();
    const { store } = kit;
    await assert.rejects(
      importImage(stream, { store, tags: ["test:1"] }),
      failsWith(code, 6),
    );
    await mustBeUntouched(kit);
  });
}

/** Bytes again and again, without end. */
function endless(bytes: Uint8Array): ReadableStream<Uint8Array> {
  return new ReadableStream({
    pull: (controller) => controller.enqueue(bytes.slice()),
  });
}

Deno.test("importImage() refuses a stream of entries without end", async () => {
  await using kit = await importFixture();
  const { store } = kit;
  const entry = rawEntry({ name: "folder/", type: "5" });
  const bytes = new Uint8Array(entry.length * 500);
  for (let at = 0; at < 500; at++) bytes.set(entry, at * entry.length);
  await assert.rejects(
    importImage(endless(bytes), { store, tags: ["test:1"] }),
    failsWith("limit-exceeded", 6),
  );
  await mustBeUntouched(kit);
});

Deno.test("importImage() refuses a stream whose file has no end", async () => {
  await using kit = await importFixture();
  const { store } = kit;
  const header = rawEntry({ name: "x", size: 2 ** 33 - 1 }).slice(0, 512);
  const stream = new ReadableStream<Uint8Array>({
    start: (controller) => controller.enqueue(header),
    pull: (controller) => controller.enqueue(new Uint8Array(1 << 20)),
  });
  await assert.rejects(
    importImage(stream, { store, tags: ["test:1"], maxBytes: 10 << 20 }),
    failsWith("limit-exceeded", 6),
  );
  await mustBeUntouched(kit);
});

Deno.test("importImage() takes no more of what follows an archive without end", async () => {
  await using kit = await importFixture();
  const { store } = kit;
  const archive = layoutTar([image]);
  const stream = new ReadableStream<Uint8Array>({
    start: (controller) => controller.enqueue(archive),
    pull: (controller) => controller.enqueue(new Uint8Array(1 << 20)),
  });
  const [result] = await importImage(stream, { store, tags: ["test:1"] });
  assert.equal(result?.digest, image.root.descriptor.digest);
});

Deno.test("importImage() shows no control characters that an archive has in its names", async () => {
  await using kit = await importFixture();
  const evil = "evil\x1b[2J\u202e:1";
  const item = { Layers: ["0/layer.tar", evil] };
  await assert.rejects(kit.import(docker(item)), (error) => {
    assert.ok(failsWith("blob-missing", 6)(error));
    // deno-lint-ignore no-control-regex -- it is them that must not be there
    assert.doesNotMatch(String(error), /[\x00-\x1f\u202e]/);
    return true;
  });
});

Deno.test({
  name: "importImage() leaves a store as it was on a disk that is full",
  ignore: !(await canMountDisks()),
  async fn() {
    const big = buildImage({ layers: [{ randomBytes: 3_000_000 }] });
    await using kit = await importFixture();
    const path = await kit.write(layoutTar([big]));
    await using disk = await smallDisk(2048);
    await using store = await Store.open(`${disk.path}/s`, { sync: false });
    const file = await Deno.open(path);
    for (const source of [path, file.readable]) {
      await assert.rejects(
        importImage(source, { store, tags: ["test:1"] }),
        failsWith("disk-full", 7),
      );
      assert.deepEqual(store.listImages(), []);
      assert.deepEqual(store.space.listPartials(), []);
    }
  },
});
