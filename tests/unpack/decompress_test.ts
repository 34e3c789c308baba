import assert from "node:assert/strict";
import { gzipSync, zstdCompressSync } from "node:zlib";
import fc from "fast-check";
import { IntegrityError, LocalError } from "../../src/errors.ts";
import { concatBytes } from "../../src/tar/concat_bytes.ts";
import { decompress, inflateStreams } from "../../src/unpack/decompress.ts";
import { Decompressor } from "../../src/unpack/decompressor.ts";
import { randomBytes } from "../testing/test_bytes.ts";
import { tempDir } from "../testing/temp_dir.ts";

const bytes = (data: Uint8Array): Uint8Array<ArrayBuffer> =>
  new Uint8Array(data);
const gzip = (data: Uint8Array) => bytes(gzipSync(data));
const zstd = (data: Uint8Array) => bytes(zstdCompressSync(data));

async function* cut(
  data: Uint8Array,
  length: number,
): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < data.length; at += length) {
    yield data.slice(at, at + length);
  }
}

async function inflate(
  data: Uint8Array,
  chunk = 1000,
): Promise<Uint8Array<ArrayBuffer>> {
  const pieces: Uint8Array[] = [];
  // A copy: a chunk is valid until the next one.
  for await (const piece of decompress(cut(data, chunk))) {
    pieces.push(bytes(piece));
  }
  return concatBytes(pieces);
}

function skippable(size: number): Uint8Array<ArrayBuffer> {
  const frame = new Uint8Array(8 + size).fill(7);
  frame.set([0x5a, 0x2a, 0x4d, 0x18, size & 255, size >> 8, 0, 0]);
  return frame;
}

for (const [name, pack] of [["gzip", gzip], ["zstd", zstd]] as const) {
  Deno.test(`decompress() reads ${name} of several parts, however it is cut`, async () => {
    const part = fc.oneof(
      fc.uint8Array({ maxLength: 3000 }),
      fc.nat(400_000).map((size) => new Uint8Array(size)),
      fc.nat(200_000).map((size) => randomBytes(size)),
    );
    await fc.assert(
      fc.asyncProperty(
        fc.array(part, { minLength: 1, maxLength: 4 }),
        fc.oneof(
          fc.integer({ min: 1, max: 40 }),
          fc.integer({ min: 41, max: 200_000 }),
        ),
        async (parts, chunk) => {
          const packed = concatBytes(parts.map(pack));
          const length = packed.length > 20_000 ? Math.max(chunk, 500) : chunk;
          const found = await inflate(packed, length);
          const expected = concatBytes(parts);
          assert.equal(found.length, expected.length);
          assert.ok(found.every((byte, at) => byte === expected[at]));
        },
      ),
      { numRuns: 60 },
    );
  });
}

Deno.test("decompress() leaves out skippable frames of zstd, wherever they are", async () => {
  const [a, b] = [
    zstd(randomBytes(300_000, 1)),
    zstd(new TextEncoder().encode("b")),
  ];
  const skip = skippable(70_000 & 0xffff);
  const packed = concatBytes([skip, a, skip, skippable(0), b, b, skip]);
  for (const chunk of [977, 65536, 1 << 20]) {
    const found = await inflate(packed, chunk);
    assert.equal(found.length, 300_002);
    assert.equal(found.at(-1), 98);
  }
});

Deno.test("decompress() passes on what is not compressed, short or empty too", async () => {
  for (const size of [0, 1, 3, 5, 512, 3000]) {
    assert.equal((await inflate(new Uint8Array(size), 2)).length, size);
  }
});

Deno.test("decompress() passes over zeros after gzip, and reads its source to the end", async () => {
  const packed = concatBytes([gzip(good), gzip(good), new Uint8Array(20_480)]);
  for (const chunk of [1, 500, gzip(good).length, 100_000]) {
    let read = 0;
    const counted = async function* (): AsyncGenerator<Uint8Array> {
      for await (const piece of cut(packed, chunk)) {
        read += piece.length;
        yield piece;
      }
    };
    let found = 0;
    for await (const piece of decompress(counted())) found += piece.length;
    assert.equal(found, 2 * good.length);
    assert.equal(read, packed.length);
  }
});

Deno.test("decompress() fills the memory that it is given, across members and frames", async () => {
  const parts = [70, 100_000, 3, 0, 28_927, 5].map((size) => randomBytes(size));
  const whole = concatBytes(parts);
  for (
    const packed of [
      concatBytes(parts.map(gzip)),
      concatBytes(parts.map(zstd)),
      whole,
    ]
  ) {
    const pieces: Uint8Array[] = [];
    const takeMemory = () => Promise.resolve(new Uint8Array(1000));
    // No copy: the memory is the caller's.
    for await (const piece of decompress(cut(packed, 777), { takeMemory })) {
      pieces.push(piece);
    }
    assert.deepEqual(
      pieces.map(({ length }) => length),
      [...Array(129).fill(1000), 5],
    );
    assert.ok(concatBytes(pieces).every((byte, at) => byte === whole[at]));
  }
});

Deno.test("inflateStreams() does the same by streams, for a Deno that has nothing else", async () => {
  const parts = [70, 300_000, 0, 5].map((size) => randomBytes(size));
  const whole = concatBytes(parts);
  for (const [compression, pack] of [["gzip", gzip], ["zstd", zstd]] as const) {
    const source = cut(concatBytes(parts.map(pack)), 7000);
    const pieces: Uint8Array<ArrayBuffer>[] = [];
    for await (const piece of inflateStreams(source, compression)) {
      pieces.push(bytes(piece));
    }
    const found = concatBytes(pieces);
    assert.equal(found.length, whole.length);
    assert.ok(found.every((byte, at) => byte === whole[at]));
    const short = cut(pack(whole).subarray(0, -3), 7000);
    await assert.rejects(async () => {
      for await (const _ of inflateStreams(short, compression)) { /* all */ }
    }, IntegrityError);
  }
});

const good = new TextEncoder().encode("layer ".repeat(5000));
const flip = (data: Uint8Array, at: number): Uint8Array => {
  const changed = bytes(data);
  const index = at < 0 ? changed.length + at : at;
  changed[index] = (changed[index] ?? 0) ^ 0xff;
  return changed;
};
const DAMAGED: readonly (readonly [string, Uint8Array, string])[] = [
  [
    "gzip cut in its trailer",
    gzip(good).subarray(0, -3),
    "compression-invalid",
  ],
  [
    "gzip cut in its content",
    gzip(good).subarray(0, 60),
    "compression-invalid",
  ],
  [
    "gzip cut in the second member",
    concatBytes([gzip(good), gzip(good).subarray(0, 40)]),
    "compression-invalid",
  ],
  ["gzip with a wrong checksum", flip(gzip(good), -6), "compression-invalid"],
  ["gzip with damaged content", flip(gzip(good), 40), "compression-invalid"],
  [
    "gzip with junk after it",
    concatBytes([gzip(good), new Uint8Array(99).fill(9)]),
    "compression-invalid",
  ],
  ["zstd cut", zstd(good).subarray(0, -3), "compression-invalid"],
  [
    "zstd cut in the second frame",
    concatBytes([zstd(good), zstd(good).subarray(0, 9)]),
    "compression-invalid",
  ],
  [
    "zstd cut in a skippable frame",
    concatBytes([zstd(good), skippable(9).subarray(0, 12)]),
    "compression-invalid",
  ],
  [
    "zstd with a block of nonsense",
    Uint8Array.of(
      0x28,
      0xb5,
      0x2f,
      0xfd,
      0,
      0x50,
      5 << 3 | 5,
      0,
      0,
      255,
      255,
      255,
      255,
      255,
    ),
    "compression-invalid",
  ],
  [
    "zstd with junk after it",
    concatBytes([zstd(good), new Uint8Array(99).fill(9)]),
    "compression-invalid",
  ],
  [
    "zstd with a window of 2 GiB",
    Uint8Array.of(0x28, 0xb5, 0x2f, 0xfd, 0, 21 << 3, 1, 0, 0),
    "compression-invalid",
  ],
  [
    "zstd with a reserved block",
    Uint8Array.of(0x28, 0xb5, 0x2f, 0xfd, 0, 0, 7, 0, 0),
    "compression-invalid",
  ],
  [
    "xz",
    Uint8Array.of(0xfd, 0x37, 0x7a, 0x58, 0x5a, 0, 0, 0),
    "compression-unsupported",
  ],
  ["bzip2", new TextEncoder().encode("BZh91AY&SY"), "compression-unsupported"],
  [
    "lz4",
    Uint8Array.of(4, 0x22, 0x4d, 0x18, 0, 0, 0),
    "compression-unsupported",
  ],
];

Deno.test("decompress() refuses what is damaged or not supported", async (t) => {
  for (const [name, packed, code] of DAMAGED) {
    await t.step(name, async () => {
      for (const chunk of [1, 50, 100_000]) {
        await assert.rejects(
          inflate(packed, chunk),
          (error) => error instanceof IntegrityError && error.code === code,
        );
      }
    });
  }
  await assert.rejects(inflate(DAMAGED.at(-3)?.[1] ?? good), /with xz/);
});

Deno.test("decompress() throws what the source throws, and ends the source early", async () => {
  const failure = new Error("the disk broke");
  async function* broken(): AsyncGenerator<Uint8Array> {
    yield gzip(randomBytes(100_000)).subarray(0, 50_000);
    throw failure;
  }
  await assert.rejects(async () => {
    for await (const _ of decompress(broken())) { /* until it breaks */ }
  }, failure);
  let ended = false;
  async function* endless(): AsyncGenerator<Uint8Array> {
    try {
      const part = gzip(randomBytes(100_000));
      while (true) yield part;
    } finally {
      ended = true;
    }
  }
  for await (const _ of decompress(endless())) break;
  assert.ok(ended);
});

Deno.test("Decompressor yields the same on a thread as without one, layer after layer", async () => {
  await using dir = await tempDir();
  const content = randomBytes(9_000_000);
  await Deno.writeFile(dir.join("a"), gzip(content));
  await Deno.writeFile(dir.join("b"), zstd(content));
  await Deno.writeFile(dir.join("c"), content);
  using decompressor = new Decompressor();
  for (const name of ["a", "b", "c", "a"]) {
    for (const size of [1, 1e9]) {
      const pieces: Uint8Array[] = [];
      for await (const piece of decompressor.open(dir.join(name), size)) {
        pieces.push(bytes(piece));
      }
      const found = concatBytes(pieces);
      assert.equal(found.length, content.length);
      assert.ok(found.every((byte, at) => byte === content[at]));
    }
  }
});

Deno.test("Decompressor keeps its memory through any number of layers", async () => {
  await using dir = await tempDir();
  await Deno.writeFile(dir.join("a"), gzip(good));
  // Exactly one chunk, after which there is nothing left to fill another with.
  await Deno.writeFile(dir.join("b"), gzip(new Uint8Array(1 << 20)));
  using decompressor = new Decompressor();
  for (let round = 0; round < 12; round++) {
    const path = dir.join(round % 2 === 0 ? "a" : "b");
    let found = 0;
    for await (const piece of decompressor.open(path, 1e9)) {
      found += piece.length;
    }
    assert.equal(found, round % 2 === 0 ? good.length : 1 << 20);
  }
});

Deno.test("Decompressor passes errors of its thread on, and can be left in the middle", async () => {
  await using dir = await tempDir();
  const packed = gzip(randomBytes(3_000_000));
  await Deno.writeFile(dir.join("cut"), packed.subarray(0, 1_000_000));
  await Deno.writeFile(dir.join("whole"), packed);
  using decompressor = new Decompressor();
  const drain = async (name: string) => {
    for await (const _ of decompressor.open(dir.join(name), 1e9)) { /* all */ }
  };
  await assert.rejects(
    drain("cut"),
    (error) =>
      error instanceof IntegrityError && error.code === "compression-invalid",
  );
  await assert.rejects(
    drain("none"),
    (error) => error instanceof LocalError && error.code === "io",
  );
  for await (const _ of decompressor.open(dir.join("whole"), 1e9)) break;
  await drain("whole");
});
