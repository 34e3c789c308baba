import assert from "node:assert/strict";
import { gzipSync } from "node:zlib";
import { DrayError, IntegrityError } from "../../src/errors.ts";
import type { DrayEvent } from "../../src/events.ts";
import { writeTar } from "../../src/tar/write_tar.ts";
import { unpack } from "../../src/unpack_image/unpack.ts";
import { unpackLayers } from "../../src/unpack_image/unpack_layers.ts";
import { unpackToStore } from "../../src/unpack_image/unpack_to_store.ts";
import { listFiles } from "../../src/look/list_files.ts";
import { openLayers } from "../../src/look/open_layers.ts";
import type { UnpackLimits } from "../../src/unpack/unpack_limits.ts";
import { rawEntry, rawPax, rawTar } from "../tar/raw_tar.ts";
import {
  buildArtifact,
  buildLayer,
  type ImageOptions,
} from "../testing/image_builder.ts";
import { storeImage } from "../store/stored_fixture.ts";
import { snapshotTree } from "../unpack/tree_snapshot.ts";
import { namesIn, rawLayer, unpackFixture } from "./unpack_fixture.ts";

const small: ImageOptions["layers"] = [
  { files: { "etc/a": "a", "etc/b": "b" }, compression: "gzip" },
  { files: { "etc/c": "c", "etc/.wh.a": "" }, compression: "zstd" },
  { files: { d: "d" }, compression: "none" },
];

Deno.test("unpack() merges layers of every compression into a folder that wasn't there", async () => {
  await using fixture = await unpackFixture(small);
  const { dir, store, reference } = fixture;
  const events: DrayEvent[] = [];
  const result = await unpack("test", dir.join("new/root"), {
    store,
    onEvent: (event) => events.push(event),
  });
  assert.deepEqual(
    snapshotTree(dir.join("new/root"), { times: false, owners: false })
      .map((line) => line.split(" ").slice(0, 2).join(" ")),
    [". folder", "d file", "etc folder", "etc/b file", "etc/c file"],
  );
  assert.equal(result.reference, reference);
  assert.equal(result.platform, "linux/amd64");
  assert.equal(result.dir, dir.join("new/root"));
  assert.equal(result.layers.length, 3);
  assert.equal(result.unset, 0);
  assert.equal(result.metadataPath, undefined);
  assert.deepEqual(namesIn(dir), ["new"]);
  assert.deepEqual(namesIn({ path: dir.join("new") }), ["root"]);
  assert.deepEqual(
    events.map(({ event }) => event),
    Array(3).fill(["unpack-start", "unpack-done"]).flat(),
  );
});

Deno.test("unpack() and unpackLayers() call a damaged blob so, and a layer that came wrong not", async () => {
  await using fixture = await unpackFixture(small);
  const { dir, store, reference } = fixture;
  const manifest = store.findImage(reference)?.platforms[0]?.manifestDigest;
  assert.ok(manifest);
  for (const { digest } of store.listLayers(manifest)) {
    const path = store.blobPath(digest);
    const sound = await Deno.readFile(path);
    const damaged = sound.slice();
    damaged.fill(0x5a, 3, 60);
    await Deno.writeFile(path, damaged);
    for (const run of [unpack, unpackLayers]) {
      await assert.rejects(run("test", dir.join("root"), { store }), {
        code: "digest-mismatch",
        message:
          `Cannot unpack layer "${digest}": its blob in the store is damaged`,
        hint: /dray verify --repair/,
      });
    }
    await Deno.writeFile(path, sound);
  }
  assert.deepEqual(namesIn(dir), []);
  const layer = rawLayer(new Uint8Array(gzipSync("no archive")));
  await using wrong = await unpackFixture([layer]);
  const options = { store: wrong.store };
  await assert.rejects(unpack("test", wrong.dir.join("root"), options), {
    code: "archive-invalid",
  });
});

Deno.test("unpack() fills a folder that is there and empty, and a link to one", async () => {
  await using fixture = await unpackFixture([{
    entries: [
      { path: ".", type: "directory", mode: 0o711, mtime: 77 },
      { path: "locked", type: "directory", mode: 0o500, mtime: 78 },
      { path: "locked/x", content: "x" },
    ],
  }]);
  const { dir, store } = fixture;
  await Deno.mkdir(dir.join("root"));
  await Deno.symlink("root", dir.join("link"));
  const result = await unpack("test", dir.join("link"), { store });
  assert.equal(result.dir, dir.join("root"));
  const [root, locked] = snapshotTree(dir.join("root"), { owners: false });
  assert.equal(root?.trim(), ". folder 711  77");
  assert.equal(locked?.trim(), "locked folder 500  78");
  assert.equal(await Deno.readTextFile(dir.join("root/locked/x")), "x");
});

Deno.test("unpack() takes a folder's name with a slash or a dot at its end", async () => {
  await using fixture = await unpackFixture(small);
  const { dir, store } = fixture;
  for (const name of ["a/", "b//", "c/.", "d/./"]) {
    const result = await unpack("test", dir.join(name), { store });
    assert.equal(result.dir, dir.join(name.slice(0, 1)));
  }
  assert.deepEqual(namesIn(dir), ["a", "b", "c", "d"]);
});

Deno.test("unpack() refuses a folder that is not empty, and what is no folder", async () => {
  await using fixture = await unpackFixture(small);
  const { dir, store } = fixture;
  await Deno.mkdir(dir.join("full"));
  await Deno.writeTextFile(dir.join("full/mine"), "mine");
  await Deno.writeTextFile(dir.join("file"), "mine");
  const before = snapshotTree(dir.join("full"));
  await rejects(
    unpack("test", dir.join("full"), { store }),
    "folder-not-empty",
    7,
  );
  await rejects(unpack("test", dir.join("file"), { store }), "io", 7);
  await rejects(unpack("test", dir.join("file/x"), { store }), "io", 7);
  assert.deepEqual(snapshotTree(dir.join("full")), before);
  assert.deepEqual(namesIn(dir), ["file", "full"]);
});

Deno.test("unpack() removes what a crash left, and leaves another's work alone", async () => {
  await using fixture = await unpackFixture(small);
  const { dir, store } = fixture;
  const old = dir.join(".root.dray-unpack-old");
  const busy = dir.join(".root.dray-unpack-busy");
  for (const path of [old, busy]) {
    await Deno.mkdir(`${path}/root/x`, { recursive: true });
    await Deno.writeTextFile(`${path}/lock`, "");
  }
  using lock = await Deno.open(`${busy}/lock`, { write: true });
  await lock.lock(true);
  await unpack("test", dir.join("root"), { store });
  assert.deepEqual(namesIn(dir), [".root.dray-unpack-busy", "root"]);
});

Deno.test("unpack() writes a sidecar of what it can't make, and removes an old one", async () => {
  await using fixture = await unpackFixture([
    rawLayer(rawTar(
      rawEntry({ name: "null", type: "3", major: 1, minor: 3 }),
      rawPax({ "SCHILY.xattr.bogus.x": "1" }),
      rawEntry({ name: "f" }, "x"),
    )),
  ]);
  const { dir, store, reference } = fixture;
  const result = await unpack(reference, dir.join("root"), { store });
  assert.equal(result.metadataPath, dir.join("root.metadata.jsonl"));
  const lines = (await Deno.readTextFile(dir.join("root.metadata.jsonl")))
    .trim().split("\n").map((line) => JSON.parse(line).path);
  assert.equal(lines.length, result.unset);
  assert.ok(lines.includes("f"));
  await using plain = await unpackFixture(small);
  await unpack(reference, dir.join("root2"), { store });
  await Deno.remove(dir.join("root2"), { recursive: true });
  await unpack(reference, dir.join("root2"), { store: plain.store });
  assert.deepEqual(namesIn(dir), ["root", "root.metadata.jsonl", "root2"]);
});

const tar = writeTar([{ path: "a", content: "x".repeat(3000) }, { path: "b" }]);
const zeros = writeTar([{ path: "z", content: new Uint8Array(40 << 20) }]);
const REFUSED: readonly (readonly [
  name: string,
  layers: () => ImageOptions["layers"],
  code: string,
  limits?: Partial<UnpackLimits>,
])[] = [
  [
    "a diffID that is another's",
    () => [rawLayer(tar, new Uint8Array(5))],
    "digest-mismatch",
  ],
  [
    "a second layer that is not its diffID",
    () => [{ files: { a: "a" } }, rawLayer(tar, new Uint8Array(5))],
    "digest-mismatch",
  ],
  [
    "gzip within gzip",
    () => [rawLayer(new Uint8Array(gzipSync(gzipSync(tar))))],
    "archive-invalid",
  ],
  [
    "xz (CVE-2014-9357)",
    () => [rawLayer(Uint8Array.of(0xfd, 0x37, 0x7a, 0x58, 0x5a, 0, 0))],
    "compression-unsupported",
  ],
  [
    "a layer cut short",
    () => [rawLayer(new Uint8Array(gzipSync(tar)).slice(0, -9))],
    "compression-invalid",
  ],
  [
    "a bomb of zeros (CVE-2017-14992)",
    () => [rawLayer(new Uint8Array(gzipSync(zeros)), zeros)],
    "limit-exceeded",
    { ratioFreeBytes: 20 << 20 },
  ],
  [
    "too many entries",
    () => [{ files: { a: "", b: "", c: "" } }, { files: { d: "" } }],
    "limit-exceeded",
    { maxEntries: 3 },
  ],
  ["too many bytes", () => [rawLayer(tar), rawLayer(tar)], "limit-exceeded", {
    maxBytes: 6000,
  }],
  [
    "an entry that leads out",
    () => [{ entries: [{ path: "../x" }] }],
    "path-unsafe",
  ],
];

for (const [name, layers, code, limits] of REFUSED) {
  Deno.test(`unpack() refuses ${name}, and leaves nothing`, async () => {
    await using fixture = await unpackFixture(layers());
    const { dir, store, reference } = fixture;
    await rejects(
      unpack(reference, dir.join("root"), { store, limits }),
      code,
      6,
    );
    assert.deepEqual(namesIn(dir), []);
    await Deno.mkdir(dir.join("there"));
    await rejects(
      unpack(reference, dir.join("there"), { store, limits }),
      code,
      6,
    );
    assert.deepEqual([...Deno.readDirSync(dir.join("there"))], []);
  });
}

Deno.test("unpack() refuses what isn't there, for another platform, or no image", async () => {
  await using fixture = await unpackFixture(small);
  const { dir, store } = fixture;
  const to = dir.join("root");
  await rejects(unpack("other", to, { store }), "not-in-store", 3);
  const platform = { os: "linux", architecture: "s390x" };
  await rejects(
    unpack("test", to, { store, platform }),
    "platform-not-found",
    3,
  );
  await storeImage(
    store,
    "docker.io/library/thing:latest",
    buildArtifact({ a: "b" }),
  );
  await rejects(unpack("thing", to, { store }), "not-an-image", 1);
  const layer = buildLayer({ files: { x: "y" } });
  await using broken = await unpackFixture([layer]);
  await Deno.remove(
    broken.store.blobPath(layer.descriptor.digest as `sha256:${string}`),
  );
  await rejects(unpack("test", to, { store: broken.store }), "blob-missing", 6);
  assert.deepEqual(namesIn(dir), []);
});

Deno.test("unpack() stops when it is told to, and leaves nothing", async () => {
  await using fixture = await unpackFixture(small);
  const { dir, store } = fixture;
  const controller = new AbortController();
  const reason = new Error("enough");
  const work = unpack("test", dir.join("root"), {
    store,
    signal: controller.signal,
    onEvent: (event) => {
      if (event.event === "unpack-done") controller.abort(reason);
    },
  });
  await assert.rejects(work, reason);
  assert.deepEqual(namesIn(dir), []);
});

Deno.test("unpack() of a layer that stands twice applies it twice", async () => {
  const once = buildLayer({ files: { a: "1" } });
  await using fixture = await unpackFixture([
    once,
    buildLayer({ files: { ".wh.a": "" } }),
    once,
  ]);
  const { dir, store } = fixture;
  const result = await unpack("test", dir.join("root"), { store, sync: true });
  assert.equal(result.layers.length, 3);
  assert.equal(await Deno.readTextFile(dir.join("root/a")), "1");
});

async function rejects(
  work: Promise<unknown>,
  code: string,
  exitCode: number,
): Promise<void> {
  await assert.rejects(work, (error) => {
    assert.ok(error instanceof DrayError, String(error));
    assert.deepEqual(
      [error.code, error.exitCode],
      [code, exitCode],
      error.message,
    );
    return true;
  });
}

Deno.test("unpack() and listFiles() name the layer whose compression or content is at fault", async () => {
  const tar = rawTar(rawEntry({ name: "a" }));
  const xz = Uint8Array.of(0xfd, 0x37, 0x7a, 0x58, 0x5a, 0, 0, 0);
  const cases = [
    [rawLayer(xz), /is compressed with xz, which is not supported$/],
    [
      rawLayer(tar, rawTar(rawEntry({ name: "b" }))),
      /its content has diffID "sha256:.*", not "sha256:.*"$/,
    ],
  ] as const;
  for (const [layer, why] of cases) {
    await using fixture = await unpackFixture([layer]);
    const { dir, store } = fixture;
    const { digest } = layer.descriptor;
    const check = (error: unknown): boolean => {
      assert.ok(error instanceof IntegrityError);
      assert.ok(
        error.message.startsWith(`Cannot unpack layer "${digest}": `),
        error.message,
      );
      assert.match(error.message, why);
      assert.equal(error.details.digest, digest);
      return true;
    };
    await assert.rejects(unpack("test", dir.join("out"), { store }), check);
    await assert.rejects(unpackToStore("test", { store }), check);
    using open = await openLayers("test", { store });
    await assert.rejects(listFiles(open.layers, "/"), check);
  }
});
