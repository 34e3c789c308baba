import assert from "node:assert/strict";
import { gzipSync } from "node:zlib";
import { DrayError } from "../../src/errors.ts";
import { listFiles } from "../../src/look/list_files.ts";
import type { LookOptions } from "../../src/look/look_options.ts";
import { readFile } from "../../src/look/read_file.ts";
import { remoteLayers } from "../../src/look/remote_layers.ts";
import { parseDigest } from "../../src/spec/digest.ts";
import { writeTar } from "../../src/tar/write_tar.ts";
import { rawEntry, rawPax, rawTar } from "../tar/raw_tar.ts";
import { digestOf } from "../testing/test_bytes.ts";
import { DEVICES_ON_RECORD, HOSTILE_LAYERS } from "../unpack/hostile_layers.ts";
import { countedLayers } from "./counted_layers.ts";

const VICTIM = "/victim/deep";

for (const hostile of HOSTILE_LAYERS) {
  const tars = hostile.layers(VICTIM).map((entries) => rawTar(...entries));
  const left = typeof hostile.left === "function"
    ? hostile.left(VICTIM)
    : hostile.left;
  const expected = DEVICES_ON_RECORD[hostile.name] ?? hostile.outcome ?? left;

  Deno.test(`listFiles() of ${hostile.name}`, async () => {
    const actual = await listFiles(countedLayers(tars).layers, "/", {
      recursive: true,
    }).then(
      (files) => [
        ". folder",
        ...files.map(({ name, type }) => `${name} ${KINDS[type] ?? "device"}`),
      ],
      codeOf,
    );
    // A hard link looks like any file.
    const wanted = typeof expected === "string"
      ? expected
      : expected?.map((line) => line.replace(/ same$/, " file")).sort(byName);
    assert.deepEqual(
      typeof actual === "string" ? actual : actual.sort(byName),
      wanted,
    );
  });

  if (typeof expected === "string" || expected === undefined) continue;
  Deno.test(`readFile() of ${hostile.name}`, async () => {
    for (const line of expected.filter((one) => / (file|same)$/.test(one))) {
      const path = line.replace(/ \w+$/, "");
      for (const eager of [false, true]) {
        const { layers } = countedLayers(tars);
        let text = "";
        const write = (bytes: Uint8Array): void => {
          text += new TextDecoder().decode(bytes);
        };
        await readFile(layers, path, { write, eager });
        assert.match(text, /^(hostile)?$/);
      }
    }
  });
}

Deno.test("listFiles() and readFile() stop at the limits of entries, headers, bytes and sparse files", async () => {
  const many = Array.from({ length: 200 }, (_, at) => ({ path: `f${at}` }));
  const sparse = rawTar(
    rawPax({ "GNU.sparse.size": "900000", "GNU.sparse.map": "0,1" }),
    rawEntry({ name: "s" }, "x"),
  );
  const xattrs = rawTar(
    rawPax({ "SCHILY.xattr.user.a": "x".repeat(100_000) }),
    rawEntry({ name: "a" }),
    rawPax({ "SCHILY.xattr.user.a": "x".repeat(100_000) }),
    rawEntry({ name: "b" }),
  );
  const cases: readonly (readonly [Uint8Array, LookOptions["limits"]])[] = [
    [writeTar(many), { maxEntries: 199 }],
    [writeTar(many), { maxHeldBytes: 70_000 }],
    [xattrs, { maxHeldBytes: 150_000 }],
    [sparse, { maxSparseBytes: 800_000 }],
    [writeTar(many), { maxBytes: 5000 }],
  ];
  for (const [tar, limits] of cases) {
    const { layers } = countedLayers([tar]);
    const failure = { code: "limit-exceeded", exitCode: 6 };
    await assert.rejects(listFiles(layers, "/", { limits }), failure);
    const write = (): void => assert.fail("nothing is to be written");
    await assert.rejects(readFile(layers, "s", { write, limits }), failure);
  }
});

Deno.test("readFile() of a bomb that a registry serves ends at the ratio, and lets go of the stream", async () => {
  const bomb = new Uint8Array(gzipSync(new Uint8Array(5_000_000)));
  let cancelled = false;
  const digest = parseDigest(digestOf(bomb));
  const layers = remoteLayers(
    [{ mediaType: "", digest, size: bomb.length }],
    () =>
      Promise.resolve(
        new ReadableStream({
          start: (controller) => controller.enqueue(bomb),
          cancel: () => {
            cancelled = true;
          },
        }),
      ),
  );
  await assert.rejects(
    readFile(layers, "x", {
      write: () => {},
      eager: true,
      limits: { maxRatio: 10, ratioFreeBytes: 1000 },
    }),
    { exitCode: 6 },
  );
  assert.ok(cancelled);
});

Deno.test("listFiles() of links that lead ever deeper ends at the depth", async () => {
  const deep = Array.from({ length: 100 }, () => "d").join("/");
  const entries = Array.from({ length: 10 }, (_, at) => [
    rawEntry({
      name: `l${at}`,
      type: "2",
      link: at === 0 ? "." : `m${at - 1}`,
    }),
    rawEntry({ name: `l${at}/${"d/".repeat(40)}x` }),
    rawPax({ linkpath: `l${at}/${"d/".repeat(90)}` }),
    rawEntry({ name: `m${at}`, type: "2", link: "x" }),
  ]).flat();
  const { layers } = countedLayers([rawTar(...entries)]);
  await assert.rejects(
    listFiles(layers, "/", { recursive: true, limits: { maxDepth: 200 } }),
    { code: "limit-exceeded" },
  );
  await assert.rejects(
    listFiles(layers, `${deep}/${deep}`, { limits: { maxDepth: 200 } }),
    { code: "limit-exceeded" },
  );
});

const KINDS: Readonly<Record<string, string>> = {
  directory: "folder",
  symlink: "link",
  file: "file",
};

function byName(a: string, b: string): number {
  const nameOf = (line: string): string => line.replace(/ \w+$/, "");
  return nameOf(a) < nameOf(b) ? -1 : 1;
}

function codeOf(error: unknown): string {
  if (error instanceof DrayError) return error.code;
  throw error;
}
