import assert from "node:assert/strict";
import { gzipSync, zstdCompressSync } from "node:zlib";
import { ImageArchive } from "../../src/import/image_archive.ts";
import { importImage } from "../../src/import/import_image.ts";
import { parsePlatform } from "../../src/spec/platform.ts";
import { writeTar } from "../../src/tar/write_tar.ts";
import { prune } from "../../src/maintain/prune.ts";
import { verify } from "../../src/maintain/verify.ts";
import { unpack } from "../../src/unpack_image/unpack.ts";
import {
  buildArtifact,
  buildImage,
  buildMultiPlatform,
  type TestImage,
} from "../testing/image_builder.ts";
import { writeImageLayout } from "../testing/image_layout.ts";
import {
  dockerEntries,
  failsWith,
  type ImportFixture,
  importFixture,
  layoutEntries,
  layoutTar,
  mustBeUntouched,
} from "./import_fixture.ts";

const TEST = "docker.io/library/test:1";
const AMD = { os: "linux", architecture: "amd64" };
const ARM = { os: "linux", architecture: "arm64" };
const image = buildImage({
  layers: [{ files: { a: "a" } }, { files: { b: "b" }, compression: "zstd" }],
});

async function mustHave(
  { store, dir }: ImportFixture,
  expected: TestImage,
): Promise<void> {
  const stored = store.findImage(TEST);
  assert.equal(stored?.digest, expected.root.descriptor.digest);
  const { missing, corrupt } = await verify(store);
  assert.deepEqual([...missing, ...corrupt], []);
  await unpack(TEST, dir.join("rootfs"), { store });
  await Deno.remove(dir.join("rootfs"), { recursive: true });
}

const FORMS: readonly (readonly [
  string,
  (bytes: Uint8Array<ArrayBuffer>) => Uint8Array,
])[] = [
  ["as it is", (bytes) => bytes],
  ["in gzip", (bytes) => gzipSync(bytes)],
  ["in zstd", (bytes) => zstdCompressSync(bytes)],
];
for (const [form, pack] of FORMS) {
  Deno.test(`importImage() takes an OCI archive ${form}, from a file and as a stream`, async () => {
    const archive = pack(layoutTar([image]));
    await using kit = await importFixture();
    const [result, ...more] = await kit.import(archive);
    assert.deepEqual(more, []);
    assert.equal(result?.reference, TEST);
    assert.equal(result?.bytesImported, result?.bytesTotal);
    await mustHave(kit, image);
    await using other = await importFixture();
    const { store } = other;
    const stream = new Blob([new Uint8Array(archive)]).stream();
    await importImage(stream, { store, tags: ["test:1"] });
    await mustHave(other, image);
  });
}

Deno.test("importImage() takes a layout folder, and says what was in the store", async () => {
  await using kit = await importFixture();
  const { store, dir } = kit;
  await writeImageLayout(dir.join("layout"), image);
  const options = { store, tags: ["test:1", "other:2"] };
  const first = await importImage(dir.join("layout"), options);
  assert.deepEqual(first.map(({ reference }) => reference), [
    TEST,
    "docker.io/library/other:2",
  ]);
  await mustHave(kit, image);
  const [again] = await importImage(dir.join("layout"), options);
  assert.equal(again?.bytesImported, 0);
  assert.equal(again?.bytesReused, again?.bytesTotal);
  assert.deepEqual(
    again?.platforms[0]?.layers.map(({ status }) => status),
    ["reused", "reused"],
  );
});

Deno.test("importImage() takes all platforms of an index, or those that are named", async () => {
  const multi = buildMultiPlatform([AMD, ARM], { attestations: true });
  await using kit = await importFixture();
  const [all] = await kit.import(layoutTar([multi]));
  assert.deepEqual(
    all?.platforms.map(({ platform }) => platform),
    ["linux/amd64", "linux/arm64"],
  );
  assert.equal(all?.digest, multi.root.descriptor.digest);
  await using other = await importFixture();
  const platforms = [parsePlatform("linux/arm64")];
  await other.import(layoutTar([multi]), { platforms });
  assert.equal(other.store.findImage(TEST)?.platforms.length, 1);
  const { missing } = await verify(other.store);
  assert.deepEqual(missing, []);
  await assert.rejects(
    other.import(layoutTar([multi]), {
      platforms: [parsePlatform("linux/s390x")],
    }),
    failsWith("platform-not-found", 3),
  );
});

Deno.test("importImage() takes what is there of an index of which not everything is", async () => {
  const multi = buildMultiPlatform([AMD, ARM]);
  const [, arm] = multi.images;
  const gone = `blobs/${arm?.root.descriptor.digest.replace(":", "/")}`;
  await using kit = await importFixture();
  const [result] = await kit.import(layoutTar([multi], {
    entries: (all) => all.filter(({ path }) => path !== gone),
  }));
  assert.equal(result?.digest, multi.root.descriptor.digest);
  assert.deepEqual(
    result?.platforms.map(({ platform }) => platform),
    ["linux/amd64"],
  );
});

Deno.test("importImage() takes artifacts, and layers that may be elsewhere", async () => {
  const foreign = buildImage({
    layers: [{
      mediaType: "application/vnd.docker.image.rootfs.foreign.diff.tar.gzip",
    }],
  });
  const gone = `blobs/${
    foreign.layers[0]?.descriptor.digest.replace(":", "/")
  }`;
  await using kit = await importFixture();
  const [result] = await kit.import(layoutTar([foreign], {
    entries: (all) => all.filter(({ path }) => path !== gone),
  }));
  assert.equal(result?.platforms[0]?.layers[0]?.status, "absent");
  const artifact = buildArtifact({ "a.txt": "a" });
  await kit.import(layoutTar([artifact]));
  assert.equal(
    kit.store.findImage(TEST)?.digest,
    artifact.root.descriptor.digest,
  );
});

Deno.test("importImage() gives an image of a docker archive the same manifest each time", async () => {
  const mixed = buildImage({
    flavor: "docker",
    layers: [
      { files: { a: "a" }, compression: "none" },
      { files: { b: "b" }, compression: "gzip" },
      { files: { c: "c" }, compression: "zstd" },
    ],
  });
  const digests = [];
  for (const tag of ["first:1", "second:2"]) {
    await using kit = await importFixture();
    const [result] = await kit.import(
      writeTar(dockerEntries(mixed, { RepoTags: [tag] })),
    );
    digests.push(result?.digest);
    const [platform] = result?.platforms ?? [];
    assert.equal(platform?.configDigest, mixed.config.descriptor.digest);
    assert.deepEqual(
      platform?.layers.map(({ digest, diffId, mediaType }) => [
        digest,
        diffId,
        mediaType.split(".").at(-1),
      ]),
      mixed.layers.map(({ descriptor, diffId }, position) => [
        descriptor.digest,
        diffId,
        ["tar", "tar+gzip", "tar+zstd"][position],
      ]),
    );
    await unpack(TEST, kit.dir.join("rootfs"), { store: kit.store });
  }
  assert.equal(digests[0], digests[1]);
});

Deno.test("importImage() follows the links that old dockers write for layers that stand twice", async () => {
  const same = { files: { a: "a" }, compression: "none" } as const;
  const twice = buildImage({ layers: [same, { ...same, seed: 1 }] });
  const entries = dockerEntries(twice).map((entry) =>
    entry.path === "1/layer.tar"
      ? {
        path: entry.path,
        type: "symlink" as const,
        linkPath: "../0/layer.tar",
      }
      : entry
  );
  await using kit = await importFixture();
  const [result] = await kit.import(writeTar(entries));
  assert.equal(result?.platforms[0]?.layers.length, 2);
  await mustHaveUnpacked(kit);
});

async function mustHaveUnpacked({ store, dir }: ImportFixture): Promise<void> {
  await unpack(TEST, dir.join("rootfs"), { store });
  assert.equal(await Deno.readTextFile(dir.join("rootfs", "a")), "a");
}

Deno.test("importImage() takes no name from an archive without a word", async () => {
  const poison = "docker.io/library/alpine:latest";
  await using kit = await importFixture();
  const archive = layoutTar([image], { names: [poison] });
  const docker = writeTar(dockerEntries(image, { RepoTags: [poison] }));
  for (const bytes of [archive, docker]) {
    const [result] = await kit.import(bytes, { tags: [] });
    assert.equal(result?.reference, `localhost/imported@${result?.digest}`);
    assert.equal(kit.store.findImage(poison), undefined);
    await kit.store.removeImage(result?.reference ?? "");
  }
  await kit.import(archive);
  const names = (): readonly string[] =>
    kit.store.listImages().map(({ reference }) => reference);
  assert.deepEqual(names(), [TEST]);
  await kit.import(archive, { tags: [], acceptNames: true });
  assert.deepEqual(names(), [poison, TEST]);
});

Deno.test("importImage() takes the name of the image that was chosen by it", async () => {
  const other = buildImage({ layers: [{ files: { other: "1" } }] });
  const archive = layoutTar([image, other], { names: ["test:1", "v2"] });
  await using kit = await importFixture();
  const { store } = kit;
  await kit.import(archive, { tags: [], image: "test:1" });
  assert.equal(store.findImage(TEST)?.digest, image.root.descriptor.digest);
  // A label is no reference, so it chooses and does not name.
  const [unnamed] = await kit.import(archive, { tags: [], image: "v2" });
  assert.equal(
    unnamed?.reference,
    `localhost/imported@${other.root.descriptor.digest}`,
  );
  for (const wanted of ["v2", other.root.descriptor.digest.slice(7, 19)]) {
    await kit.import(archive, { tags: ["two"], image: wanted });
    assert.equal(
      store.findImage("docker.io/library/two:latest")?.digest,
      other.root.descriptor.digest,
    );
  }
  await assert.rejects(
    kit.import(archive, { image: "v3" }),
    failsWith("not-in-archive", 3),
  );
  await assert.rejects(kit.import(archive), failsWith("usage", 2));
});

Deno.test("importImage() refuses to accept names that are none, or that two images have", async () => {
  await using kit = await importFixture();
  const other = buildImage({ layers: [{ files: { other: "1" } }] });
  const options = { tags: [], acceptNames: true };
  await assert.rejects(
    kit.import(layoutTar([image, other], { names: ["a/b:1", "v1"] }), options),
    failsWith("name-needed", 2),
  );
  await assert.rejects(
    kit.import(
      layoutTar([image, other], { names: ["a:1", "docker.io/library/a:1"] }),
      options,
    ),
    failsWith("archive-invalid", 6),
  );
  await mustBeUntouched(kit);
});

Deno.test("importImage() refuses a name with a digest that is another image's", async () => {
  await using kit = await importFixture();
  const { digest } = image.root.descriptor;
  const wrong = `test@sha256:${"0".repeat(64)}`;
  await assert.rejects(
    kit.import(layoutTar([image]), { tags: [wrong] }),
    failsWith("digest-mismatch", 6),
  );
  await mustBeUntouched(kit);
  await kit.import(layoutTar([image]), { tags: [`test@${digest}`] });
  assert.equal(kit.store.listImages()[0]?.digest, digest);
});

Deno.test("importImage() brings what prune() keeps, and nothing else", async () => {
  const multi = buildMultiPlatform([AMD, ARM]);
  await using kit = await importFixture();
  await kit.import(layoutTar([multi, image]), {
    image: multi.root.descriptor.digest,
    platforms: [parsePlatform("linux/amd64")],
  });
  const { blobs } = await prune(kit.store, { dryRun: true });
  assert.equal(blobs, 0);
  assert.equal((await verify(kit.store)).checked, 4);
});

Deno.test("importImage() shares the work of another that imports the same", async () => {
  const big = buildImage({ layers: [{ randomBytes: 3_000_000 }] });
  await using kit = await importFixture();
  const path = await kit.write(layoutTar([big]));
  const { store } = kit;
  const results = await Promise.all(
    ["a:1", "b:1"].map((tag) => importImage(path, { store, tags: [tag] })),
  );
  for (const [result] of results) {
    assert.ok((result?.bytesTotal ?? 0) > 3_000_000);
  }
  const layer = results.flat().map(({ platforms: [platform] }) =>
    platform?.layers[0]?.status
  );
  assert.deepEqual(layer.toSorted(), ["imported", "reused"]);
  assert.deepEqual((await verify(store)).corrupt, []);
});

Deno.test("importImage() reads an archive whose paths begin with ./", async () => {
  await using kit = await importFixture();
  const entries = layoutEntries([image])
    .map((entry) => ({ ...entry, path: `./${entry.path}` }));
  await kit.import(
    writeTar([{ path: "./", type: "directory" }, ...entries]),
  );
  await mustHave(kit, image);
});

Deno.test("ImageArchive.import() stops at the signal that it was opened with, while it reads layers", async () => {
  await using kit = await importFixture();
  const path = await kit.write(writeTar(dockerEntries(image)));
  const { store } = kit;
  const controller = new AbortController();
  const { signal } = controller;
  await using archive = await ImageArchive.open(path, { store, signal });
  const reason = new Error("enough");
  controller.abort(reason);
  await assert.rejects(archive.import({ tags: ["test:1"] }), reason);
  await mustBeUntouched(kit);
});

Deno.test("importImage() stops at a signal, though a stream never goes on", async () => {
  await using kit = await importFixture();
  const bytes = layoutTar([image]);
  const reason = new Error("stop");
  const controller = new AbortController();
  const stream = new ReadableStream<Uint8Array>({
    start: (source) => source.enqueue(bytes.slice(0, 1000)),
    pull: () => {
      controller.abort(reason);
      return new Promise(() => {});
    },
  }, { highWaterMark: 0 });
  const { store } = kit;
  const { signal } = controller;
  await assert.rejects(
    importImage(stream, { store, signal, tags: ["test:1"] }),
    reason,
  );
  await mustBeUntouched(kit);
});
