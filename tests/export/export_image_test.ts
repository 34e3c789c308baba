import assert from "node:assert/strict";
import { DrayError, type ExitCode } from "../../src/errors.ts";
import type { DrayEvent } from "../../src/events.ts";
import { exportImage } from "../../src/export/export_image.ts";
import { type Digest, parseDigest } from "../../src/spec/digest.ts";
import { parsePlatform } from "../../src/spec/platform.ts";
import { storeImage } from "../store/stored_fixture.ts";
import { buildArtifact } from "../testing/image_builder.ts";
import { canMountDisks, smallDisk } from "../testing/small_disk.ts";
import { digestOf } from "../testing/test_bytes.ts";
import {
  type ExportFixture,
  exportFixture,
  filesOf,
  jsonOf,
  nameOf,
} from "./export_fixture.ts";

const REF_NAME = "org.opencontainers.image.ref.name";
const amd = parsePlatform("linux/amd64");
const arm = parsePlatform("linux/arm64");

function failsWith(code: string, exitCode: ExitCode) {
  return (error: unknown): boolean => {
    assert.ok(error instanceof DrayError, String(error));
    assert.equal(error.code, code);
    assert.equal(error.exitCode, exitCode);
    return true;
  };
}

/** Names in a folder but the store's. */
function namesIn(path: string): readonly string[] {
  return [...Deno.readDirSync(path)].map(({ name }) => name)
    .filter((name) => name !== "store").sort();
}

function rootOf({ images }: ExportFixture, name: string): Digest {
  return parseDigest(images[name]?.root.descriptor.digest ?? "");
}

/** What is looked at of an index. */
interface IndexForm {
  readonly annotations?: Readonly<Record<string, string>>;
  readonly manifests: readonly {
    readonly digest: string;
    readonly annotations?: Readonly<Record<string, string>>;
    readonly platform?: unknown;
  }[];
}

/** What is looked at of an image in a docker archive. */
interface DockerItem {
  readonly RepoTags: unknown;
  readonly Layers: readonly string[];
  readonly Config: string;
}

Deno.test("exportImage() makes an OCI archive in which every blob has its name's digest", async () => {
  await using kit = await exportFixture();
  const path = kit.dir.join("a.tar");
  const result = await exportImage("one:1", path, { store: kit.store });
  const archive = await Deno.readFile(path);
  assert.equal(result.bytes, archive.length);
  assert.equal(result.path, path);
  const files = filesOf(archive);
  const blobs = [...files].filter(([name, bytes]) =>
    name.startsWith("blobs/sha256/") && bytes.length > 0
  );
  assert.equal(blobs.length, 4);
  for (const [name, bytes] of blobs) {
    assert.equal(`sha256:${name.slice(13)}`, digestOf(bytes));
  }
  const [entry] = jsonOf<IndexForm>(archive, "index.json").manifests;
  if (entry?.annotations === undefined) assert.fail("no annotations");
  assert.equal(entry.digest, rootOf(kit, "one"));
  assert.equal(entry.annotations[REF_NAME], nameOf("one"));
  assert.equal(entry.annotations["io.containerd.image.name"], nameOf("one"));
  assert.deepEqual(jsonOf(archive, "oci-layout"), {
    imageLayoutVersion: "1.0.0",
  });
});

Deno.test("exportImage() gives the same bytes each time, in whatever order images are named", async () => {
  await using kit = await exportFixture();
  for (const format of ["oci-archive", "docker-archive"] as const) {
    const read = async (...names: string[]): Promise<Uint8Array> => {
      const path = kit.dir.join("x.tar");
      await exportImage(names, path, { store: kit.store, format });
      return await Deno.readFile(path);
    };
    const first = await read("one:1", "two:1", "zstd:1");
    assert.deepEqual(first, await read("zstd:1", "two:1", "one:1", "two:1"));
  }
});

Deno.test("exportImage() has what images share once in an archive", async () => {
  await using kit = await exportFixture();
  const path = kit.dir.join("x.tar");
  const { store } = kit;
  await exportImage(["one:1", "two:1"], path, { store });
  assert.equal(blobCount(await Deno.readFile(path)), 7);
  const format = "docker-archive";
  await exportImage(["one:1", "two:1"], path, { store, format });
  const files = [...filesOf(await Deno.readFile(path)).keys()];
  assert.equal(files.filter((name) => name.endsWith(".tar")).length, 3);
});

function blobCount(archive: Uint8Array): number {
  return [...filesOf(archive)].filter(([name, { length }]) =>
    name.startsWith("blobs/") && length > 0
  ).length;
}

Deno.test("exportImage() keeps an index of which everything is exported", async () => {
  await using kit = await exportFixture();
  const path = kit.dir.join("x.tar");
  const { images: [image] } = await exportImage(["multi:1"], path, kit);
  assert.equal(image?.exportedDigest, rootOf(kit, "multi"));
  assert.deepEqual(image?.platforms, ["linux/amd64", "linux/arm64"]);
});

Deno.test("exportImage() leaves an index out that lists more than is exported", async () => {
  await using kit = await exportFixture();
  const path = kit.dir.join("x.tar");
  const one = await exportImage(["multi:1"], path, {
    store: kit.store,
    platforms: [arm],
  });
  const manifest = kit.images["multi"]?.images[1]?.root.descriptor.digest;
  assert.equal(one.images[0]?.exportedDigest, manifest);
  assert.equal(one.images[0]?.digest, rootOf(kit, "multi"));
  // Attestations are not stored, so this index can't be whole.
  const two = await exportImage(["attested:1"], path, { store: kit.store });
  const digest = two.images[0]?.exportedDigest ?? "";
  assert.notEqual(digest, rootOf(kit, "attested"));
  const archive = await Deno.readFile(path);
  const made = jsonOf<IndexForm>(archive, `blobs/sha256/${digest.slice(7)}`);
  assert.equal(made.manifests.length, 2);
  assert.deepEqual(made.annotations, { note: "kept" });
  assert.deepEqual(made.manifests[1]?.platform, {
    architecture: "arm64",
    os: "linux",
  });
});

Deno.test("exportImage() keeps the index, and the digest, when it is told to", async () => {
  await using kit = await exportFixture();
  const { images: [image] } = await exportImage(
    ["multi:1"],
    kit.dir.join("x.tar"),
    { store: kit.store, platforms: [amd], keepIndex: true },
  );
  assert.equal(image?.exportedDigest, rootOf(kit, "multi"));
  assert.deepEqual(image?.platforms, ["linux/amd64"]);
});

Deno.test("exportImage() names a docker archive's layers by diffID, and takes off zstd", async () => {
  await using kit = await exportFixture();
  const path = kit.dir.join("x.tar");
  const format = "docker-archive";
  await exportImage(["one:1", "zstd:1"], path, { store: kit.store, format });
  const archive = await Deno.readFile(path);
  const files = filesOf(archive);
  const items = jsonOf<readonly DockerItem[]>(archive, "manifest.json");
  const second = items[1];
  if (second === undefined) assert.fail("only one image");
  assert.deepEqual(
    items.map((item) => item.RepoTags),
    [[nameOf("one")], [nameOf("zstd")]],
  );
  const zstd = kit.images["zstd"];
  assert.deepEqual(
    second.Layers,
    zstd?.layers.map(({ diffId }) => `${diffId.slice(7)}.tar`),
  );
  for (const [position, name] of second.Layers.entries()) {
    const bytes = files.get(name) ?? new Uint8Array();
    assert.equal(digestOf(bytes), zstd?.layers[position]?.diffId);
  }
  const config = files.get(second.Config) ?? new Uint8Array();
  assert.equal(`${digestOf(config).slice(7)}.json`, second.Config);
});

Deno.test("exportImage() refuses what a docker archive has no room for", async () => {
  await using kit = await exportFixture();
  const artifact = buildArtifact({ "a.txt": "a" });
  await storeImage(kit.store, nameOf("artifact"), artifact);
  const { store } = kit;
  const path = kit.dir.join("x.tar");
  const format = "docker-archive";
  await assert.rejects(
    exportImage(["artifact:1"], path, { store, format }),
    failsWith("not-an-image", 1),
  );
  const platforms = [amd, arm];
  await assert.rejects(
    exportImage(["multi:1"], path, { store, format, platforms }),
    failsWith("usage", 2),
  );
  await exportImage(["artifact:1"], path, { store });
  assert.equal(blobCount(await Deno.readFile(path)), 3);
});

Deno.test("exportImage() adds to a layout, and only the image of the same name gives way", async () => {
  await using kit = await exportFixture();
  const { store } = kit;
  const path = kit.dir.join("layout");
  const format = "oci-dir";
  await exportImage(["one:1"], path, { store, format });
  const foreign = { mediaType: "x/y", digest: "odd", size: 1 };
  const index = JSON.parse(await Deno.readTextFile(`${path}/index.json`));
  index.manifests.push(foreign);
  index.annotations = { mine: "yes" };
  await Deno.writeTextFile(`${path}/index.json`, JSON.stringify(index));
  const again = await exportImage(["one:1", "two:1"], path, { store, format });
  const after = JSON.parse(await Deno.readTextFile(`${path}/index.json`));
  assert.deepEqual(after.annotations, { mine: "yes" });
  assert.deepEqual(
    after.manifests.map((entry: typeof foreign) => entry.digest),
    ["odd", rootOf(kit, "one"), rootOf(kit, "two")],
  );
  assert.ok(again.bytes > 0);
  assert.deepEqual(namesIn(path), ["blobs", "index.json", "oci-layout"]);
});

Deno.test("exportImage() mends a blob of a layout that is not what its name says", async () => {
  await using kit = await exportFixture();
  const path = kit.dir.join("layout");
  const options = { store: kit.store, format: "oci-dir" } as const;
  await exportImage(["one:1"], path, options);
  const layer = kit.images["one"]?.layers[0]?.descriptor.digest.slice(7);
  const blob = `${path}/blobs/sha256/${layer}`;
  const bytes = await Deno.readFile(blob);
  await Deno.writeFile(blob, bytes.slice().fill(0));
  await exportImage(["one:1"], path, options);
  assert.deepEqual(await Deno.readFile(blob), bytes);
});

Deno.test("exportImage() makes the name of a folder that it made safe from a power loss", async () => {
  await using kit = await exportFixture();
  const { sync } = Deno.FsFile.prototype;
  const synced = new Set<number | null>();
  Deno.FsFile.prototype.sync = function (): Promise<void> {
    synced.add(this.statSync().ino);
    return sync.call(this);
  };
  try {
    const options = { store: kit.store, format: "oci-dir" } as const;
    await exportImage(["one:1"], kit.dir.join("layout"), options);
  } finally {
    Deno.FsFile.prototype.sync = sync;
  }
  for (const folder of [".", "layout", "layout/blobs/sha256"]) {
    assert.ok(synced.has(Deno.statSync(kit.dir.join(folder)).ino), folder);
  }
});

Deno.test("exportImage() stops at a signal while it hashes what a layout has", async () => {
  await using kit = await exportFixture();
  const options = { store: kit.store, format: "oci-dir" } as const;
  const path = kit.dir.join("layout");
  await exportImage(["huge:1"], path, options);
  const controller = new AbortController();
  const reason = new Error("enough");
  const { read } = Deno.FsFile.prototype;
  let reads = 0;
  Deno.FsFile.prototype.read = function (bytes): Promise<number | null> {
    if (bytes.length === 1 << 20) {
      reads++;
      controller.abort(reason);
    }
    return read.call(this, bytes);
  };
  try {
    const { signal } = controller;
    await assert.rejects(
      exportImage(["huge:1"], path, { ...options, signal }),
      reason,
    );
  } finally {
    Deno.FsFile.prototype.read = read;
  }
  assert.equal(reads, 1);
});

Deno.test("exportImage() goes on in a folder that a killed export left", async () => {
  await using kit = await exportFixture();
  const options = { store: kit.store, format: "oci-dir" } as const;
  const path = kit.dir.join("layout");
  await exportImage(["one:1"], path, options);
  for (const gone of ["oci-layout", "index.json"]) {
    await Deno.remove(`${path}/${gone}`);
    await Deno.writeTextFile(`${path}/index.json.tmp`, "half");
    await exportImage(["one:1"], path, options);
    assert.deepEqual(namesIn(path), ["blobs", "index.json", "oci-layout"]);
    await Deno.remove(`${path}/oci-layout`);
  }
});

Deno.test("exportImage() refuses a folder that holds something else, and a store", async () => {
  await using kit = await exportFixture();
  const options = { store: kit.store, format: "oci-dir" } as const;
  const path = kit.dir.join("full");
  await Deno.mkdir(path);
  await Deno.writeTextFile(`${path}/precious`, "mine");
  for (const dir of [path, kit.store.dir]) {
    const before = namesIn(dir);
    await assert.rejects(
      exportImage(["one:1"], dir, options),
      failsWith("folder-not-empty", 7),
    );
    assert.deepEqual(namesIn(dir), before);
  }
  await assert.rejects(
    exportImage(["one:1"], kit.dir.path, { store: kit.store }),
    failsWith("io", 7),
  );
});

Deno.test("exportImage() leaves nothing where a blob is damaged", async () => {
  await using kit = await exportFixture();
  const { store, dir } = kit;
  const layer = kit.images["huge"]?.layers[0]?.descriptor.digest ?? "";
  const file = store.blobPath(parseDigest(layer));
  const bytes = await Deno.readFile(file);
  bytes.fill(7, 0, 1);
  await Deno.writeFile(file, bytes);
  await Deno.mkdir(dir.join("empty"));
  const cases = [
    ["oci-archive", "x"],
    ["docker-archive", "x"],
    ["oci-dir", "x"],
    ["oci-dir", "empty"],
  ] as const;
  for (const [format, name] of cases) {
    await assert.rejects(
      exportImage(["huge:1"], dir.join(name), { store, format }),
      failsWith("digest-mismatch", 6),
    );
    assert.deepEqual(namesIn(dir.path), ["empty"]);
    assert.deepEqual(namesIn(dir.join("empty")), []);
  }
  await Deno.remove(file);
  await assert.rejects(
    exportImage(["huge:1"], dir.join("x"), { store }),
    failsWith("blob-missing", 6),
  );
});

Deno.test("exportImage() leaves a file that is there alone until it is whole", async () => {
  await using kit = await exportFixture();
  const { store, dir } = kit;
  const path = dir.join("x.tar");
  await Deno.writeTextFile(path, "old");
  const controller = new AbortController();
  const signal = controller.signal;
  const reason = new Error("stop");
  const onEvent = ({ event }: DrayEvent): void => {
    assert.equal(event, "copy-progress");
    controller.abort(reason);
  };
  await assert.rejects(
    exportImage(["huge:1"], path, { store, signal, onEvent }),
    reason,
  );
  assert.deepEqual(namesIn(dir.path), ["x.tar"]);
  assert.equal(await Deno.readTextFile(path), "old");
  await exportImage(["huge:1"], path, { store });
  assert.equal(blobCount(await Deno.readFile(path)), 3);
});

Deno.test("exportImage() clears what a killed export of the same name left", async () => {
  await using kit = await exportFixture();
  const { dir, store } = kit;
  await Deno.writeTextFile(dir.join(".x.tar.dray-export-1"), "half");
  await Deno.writeTextFile(dir.join(".y.tar.dray-export-1"), "another's");
  await exportImage(["one:1"], dir.join("x.tar"), { store });
  assert.deepEqual(namesIn(dir.path), [".y.tar.dray-export-1", "x.tar"]);
});

Deno.test("exportImage() writes through a link to the file that it points to", async () => {
  await using kit = await exportFixture();
  const { dir, store } = kit;
  await Deno.writeTextFile(dir.join("real.tar"), "old");
  await Deno.symlink("real.tar", dir.join("link.tar"));
  await exportImage(["one:1"], dir.join("link.tar"), { store });
  assert.ok((await Deno.lstat(dir.join("link.tar"))).isSymlink);
  assert.equal(blobCount(await Deno.readFile(dir.join("real.tar"))), 4);
});

Deno.test("exportImage() tells of platforms and references that are not there", async () => {
  await using kit = await exportFixture();
  const { store } = kit;
  const path = kit.dir.join("x");
  const platforms = [parsePlatform("linux/s390x")];
  await assert.rejects(
    exportImage(["one:1"], path, { store, platforms }),
    failsWith("platform-not-found", 3),
  );
  await assert.rejects(
    exportImage(["nothing"], path, { store }),
    failsWith("not-in-store", 3),
  );
  await assert.rejects(
    exportImage(["one:1"], kit.dir.join("no/folder.tar"), { store }),
    failsWith("io", 7),
  );
  assert.deepEqual(namesIn(kit.dir.path), []);
});

Deno.test({
  name: "exportImage() leaves nothing on a disk that is full",
  ignore: !(await canMountDisks()),
  async fn() {
    await using kit = await exportFixture();
    await using disk = await smallDisk(1024);
    for (const format of ["oci-archive", "oci-dir"] as const) {
      await assert.rejects(
        exportImage(["huge:1"], `${disk.path}/x`, {
          store: kit.store,
          format,
        }),
        (error) => {
          assert.ok(failsWith("disk-full", 7)(error));
          assert.match(String(error), /\/x/);
          assert.ok(error instanceof DrayError);
          assert.match(error.hint ?? "", /another disk/);
          return true;
        },
      );
      assert.deepEqual(namesIn(disk.path), []);
    }
  },
});
