import assert from "node:assert/strict";
import fc from "fast-check";
import { IntegrityError } from "../../src/errors.ts";
import { concatBytes } from "../../src/tar/concat_bytes.ts";
import { writeTar } from "../../src/tar/write_tar.ts";
import { HOSTILE_TARS } from "./hostile_tars.ts";
import { readTar } from "./read_tar.ts";
import {
  base256,
  END,
  GNU_MAGIC,
  paxRecord,
  rawBlock,
  rawEntry,
  rawPax,
  rawTar,
} from "./raw_tar.ts";

const text = (bytes: Uint8Array): string => new TextDecoder().decode(bytes);
const only = (archive: Uint8Array) => {
  const entries = readTar(archive);
  assert.equal(entries.length, 1);
  const [entry] = entries;
  assert.ok(entry);
  return entry;
};

const tree = fc.array(
  fc.record({
    path: fc.string({ unit: "grapheme", minLength: 1, maxLength: 300 }).filter((
      path,
    ) => !path.includes("\0") && !path.endsWith("/")),
    content: fc.uint8Array({ maxLength: 2000 }),
    mode: fc.nat(0o7777),
    uid: fc.nat(2 ** 31),
    mtime: fc.nat(8 ** 11 - 1),
  }),
  { maxLength: 8 },
);

Deno.test("TarReader reads what writeTar() wrote, however it is cut", () => {
  fc.assert(fc.property(
    tree,
    fc.array(fc.nat(1500), { minLength: 1, maxLength: 9 }),
    (entries, chunks) => {
      const found = readTar(writeTar(entries), { chunks });
      assert.deepEqual(
        found.map(({ path, mode, uid, mtime, content }) => ({
          path,
          content,
          mode,
          uid,
          mtime,
        })),
        entries.map((entry) => ({
          ...entry,
          content: new Uint8Array(entry.content),
        })),
      );
    },
  ));
});

Deno.test("TarReader reads fields of every dialect", () => {
  const cases: readonly (readonly [string, Uint8Array, object])[] = [
    ["v7", rawTar(rawEntry({ magic: "", prefix: "junk" }, "x")), {
      path: "file",
      size: 1,
    }],
    ["v7 folder", rawTar(rawEntry({ name: "d/", magic: "" })), {
      path: "d/",
      type: "directory",
    }],
    ["ustar prefix", rawTar(rawEntry({ prefix: "a/b" })), {
      path: "a/b/file",
    }],
    ["name without NUL", rawTar(rawEntry({ name: "n".repeat(100) })), {
      path: "n".repeat(100),
    }],
    [
      "GNU has no prefix",
      rawTar(
        rawEntry({ magic: GNU_MAGIC, prefix: "12345" }),
      ),
      { path: "file" },
    ],
    [
      "star's prefix is short",
      rawTar(rawEntry({
        prefix: "p",
        patch: [[476, "00000000000 00000000000"], [508, "tar\0"]],
      })),
      { path: "p/file" },
    ],
    ["old NUL type", rawTar(rawEntry({ type: "\0" }, "x")), { type: "file" }],
    ["contiguous", rawTar(rawEntry({ type: "7" }, "x")), { type: "file" }],
    ["blanks about a number", rawTar(rawEntry({ mode: "  644 \0" })), {
      mode: 0o644,
    }],
    ["file type bits in mode", rawTar(rawEntry({ mode: "0104755" })), {
      mode: 0o4755,
    }],
    ["empty number", rawTar(rawEntry({ uid: "\0" })), { uid: 0 }],
    ["base-256", rawTar(rawEntry({ uid: base256(3_000_000_000n, 8) })), {
      uid: 3_000_000_000,
    }],
    ["negative time", rawTar(rawEntry({ mtime: base256(-7n, 12) })), {
      mtime: -7,
    }],
    ["char device", rawTar(rawEntry({ type: "3", major: 5, minor: 1 })), {
      type: "character-device",
      device: { major: 5, minor: 1 },
    }],
    ["block device", rawTar(rawEntry({ type: "4", major: 8, minor: 16 })), {
      type: "block-device",
      device: { major: 8, minor: 16 },
    }],
    ["FIFO", rawTar(rawEntry({ type: "6" })), { type: "fifo" }],
    ["symlink", rawTar(rawEntry({ type: "2", link: "/t" })), {
      type: "symlink",
      linkPath: "/t",
    }],
    ["hard link", rawTar(rawEntry({ type: "1", link: "t" })), {
      type: "hardlink",
      linkPath: "t",
    }],
    ["signed checksum", rawTar(signedChecksum()), { path: "é" }],
    [
      "GNU long name and link",
      rawTar(
        rawEntry({ type: "K", magic: GNU_MAGIC }, "k".repeat(300) + "\0"),
        rawEntry({ type: "L", magic: GNU_MAGIC }, "l".repeat(300) + "\0"),
        rawEntry({ type: "2", link: "k", magic: GNU_MAGIC }),
      ),
      { path: "l".repeat(300), linkPath: "k".repeat(300) },
    ],
    [
      "PAX",
      rawTar(
        rawPax({
          path: "über",
          uid: "70000",
          gid: "70001",
          mtime: "-1.25",
          atime: "5",
          comment: "",
        }),
        rawEntry({}),
      ),
      { path: "über", uid: 70000, gid: 70001, mtime: -1.25 },
    ],
    ["PAX large size", rawTar(rawPax({ size: "1" }), rawEntry({}, "x")), {
      size: 1,
    }],
    [
      "global, then local",
      rawTar(
        rawPax({ uid: "1", gid: "2", mtime: "3" }, "g"),
        rawPax({ gid: "4", mtime: "" }),
        rawEntry({ mtime: 9 }),
      ),
      { uid: 1, gid: 4, mtime: 9 },
    ],
    [
      "PAX value with newline and =",
      rawTar(
        rawPax({ path: "a\nb=c" }),
        rawEntry({}),
      ),
      { path: "a\nb=c" },
    ],
  ];
  for (const [name, archive, expected] of cases) {
    const entry = only(archive);
    assert.deepEqual({ ...entry, ...expected }, entry, name);
  }
});

function signedChecksum(): Uint8Array<ArrayBuffer> {
  const block = rawBlock({ name: "é" });
  const signed = block.reduce((sum, byte) => sum + (byte << 24 >> 24), 0) -
    block.subarray(148, 156).reduce((sum, byte) => sum + byte, 0) + 8 * 32;
  return rawBlock({
    name: "é",
    checksum: `${signed.toString(8).padStart(6, "0")}\0 `,
  });
}

Deno.test("TarReader keeps xattrs of any bytes (SCHILY.xattr)", () => {
  const capability = Uint8Array.of(1, 0, 0, 2, 0x3d, 0x0a, 0xff);
  const entry = only(rawTar(
    rawPax({ "SCHILY.xattr.user.a": "1" }, "g"),
    rawPax({ "SCHILY.xattr.security.capability": capability }),
    rawEntry({}, "x"),
  ));
  assert.deepEqual([...entry.xattrs ?? []].map(([key]) => key), [
    "user.a",
    "security.capability",
  ]);
  assert.deepEqual(entry.xattrs?.get("security.capability"), capability);
});

Deno.test("TarReader reads a sparse file in each of GNU's forms", () => {
  const stored = "abcdef";
  const file = "\0\0\0\0abcd\0\0ef\0\0\0";
  const oldMap: (readonly [number, string])[] = [
    [386, "00000000004\0"],
    [398, "00000000004\0"],
    [410, "00000000012\0"],
    [422, "00000000002\0"],
    [483, "00000000017\0"],
  ];
  const forms: readonly (readonly [string, Uint8Array])[] = [
    ["old", rawEntry({ type: "S", magic: GNU_MAGIC, patch: oldMap }, stored)],
    [
      "0.0",
      concatBytes([
        rawEntry(
          { type: "x" },
          concatBytes([
            paxRecord("GNU.sparse.size", "15"),
            paxRecord("GNU.sparse.numblocks", "2"),
            paxRecord("GNU.sparse.offset", "4"),
            paxRecord("GNU.sparse.numbytes", "4"),
            paxRecord("GNU.sparse.offset", "10"),
            paxRecord("GNU.sparse.numbytes", "2"),
          ]),
        ),
        rawEntry({}, stored),
      ]),
    ],
    [
      "0.1",
      concatBytes([
        rawPax({
          "GNU.sparse.size": "15",
          "GNU.sparse.name": "file",
          "GNU.sparse.map": "4,4,10,2",
        }),
        rawEntry({ name: "GNUSparseFile.1/file" }, stored),
      ]),
    ],
    [
      "1.0",
      concatBytes([
        rawPax({
          "GNU.sparse.major": "1",
          "GNU.sparse.minor": "0",
          "GNU.sparse.realsize": "15",
          "GNU.sparse.name": "file",
        }),
        rawEntry(
          { name: "GNUSparseFile.1/file" },
          "2\n4\n4\n10\n2\n".padEnd(512, "\0") + stored,
        ),
      ]),
    ],
  ];
  for (const [form, bytes] of forms) {
    for (const chunk of [1, 7, 512, 100_000]) {
      const [entry, next] = readTar(
        rawTar(bytes, rawEntry({ name: "next" }, "n")),
        { chunks: [chunk] },
      );
      assert.equal(entry?.path, "file", form);
      assert.equal(entry?.size, 15, form);
      assert.equal(text(entry?.content ?? new Uint8Array()), file, form);
      assert.equal(next?.path, "next", form);
    }
  }
});

Deno.test("TarReader reads an old sparse map that goes on in more blocks", () => {
  const octal = (value: number): string =>
    value.toString(8).padStart(11, "0") + "\0";
  const pair = (index: number): string => octal(index * 10) + octal(1);
  const extension = (from: number, to: number, more: string): Uint8Array => {
    const pairs = Array.from({ length: to - from }, (_, i) => pair(from + i));
    return new TextEncoder().encode(
      pairs.join("").padEnd(504, "\0") + more.padEnd(8, "\0"),
    );
  };
  const block = rawBlock({
    type: "S",
    magic: GNU_MAGIC,
    size: 30,
    patch: [[386, [0, 1, 2, 3].map(pair).join("")], [482, "\x01"], [
      483,
      octal(300),
    ]],
  });
  const [entry] = readTar(concatBytes([
    block,
    extension(4, 25, "\x01"),
    extension(25, 30, ""),
    new TextEncoder().encode("x".repeat(30).padEnd(512, "\0")),
    END,
  ]));
  assert.equal(
    text(entry?.content ?? new Uint8Array()),
    ("x" + "\0".repeat(9)).repeat(30),
  );
});

Deno.test("TarReader takes an archive that ends without zeros, or with more of them", () => {
  const entry = rawEntry({}, "x");
  assert.equal(readTar(entry).length, 1);
  assert.equal(readTar(concatBytes([entry, new Uint8Array(512)])).length, 1);
  const junk = new TextEncoder().encode("whatever".repeat(99));
  assert.equal(readTar(concatBytes([entry, END, END, junk])).length, 1);
  assert.equal(readTar(new Uint8Array(0)).length, 0);
});

Deno.test("TarReader refuses hostile archives, whole or byte by byte", async (t) => {
  for (const [name, archive, message] of HOSTILE_TARS) {
    await t.step(name, () => {
      for (const chunk of [archive.length, 1, 100]) {
        assert.throws(
          () => readTar(archive, { chunks: [chunk] }),
          (error) =>
            error instanceof IntegrityError &&
            error.code === "archive-invalid" && message.test(error.message) &&
            error.message.startsWith("Cannot read archive entry"),
        );
      }
    });
  }
});

Deno.test("TarReader never fails but with an IntegrityError, whatever it is fed", () => {
  const good = writeTar([{ path: "a", content: "x".repeat(700) }, {
    path: "é".repeat(100),
    content: "y",
  }]);
  fc.assert(
    fc.property(
      fc.array(fc.tuple(fc.nat(good.length - 1), fc.nat(255)), {
        maxLength: 4,
      }),
      fc.nat(good.length),
      (changes, length) => {
        const bytes = good.slice(0, length);
        for (const [at, value] of changes) if (at < length) bytes[at] = value;
        try {
          readTar(bytes);
        } catch (error) {
          assert.ok(error instanceof IntegrityError, String(error));
        }
      },
    ),
    { numRuns: 500 },
  );
});
