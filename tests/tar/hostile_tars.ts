import { concatBytes } from "../../src/tar/concat_bytes.ts";
import { base256, GNU_MAGIC, rawEntry, rawPax, rawTar } from "./raw_tar.ts";

/** Sparse form 1.0 of a file of 9 bytes. */
const V1 = {
  "GNU.sparse.major": "1",
  "GNU.sparse.minor": "0",
  "GNU.sparse.realsize": "9",
};

/** Archives that a reader must refuse: their name, their bytes, and what the error says. */
export const HOSTILE_TARS: readonly (readonly [string, Uint8Array, RegExp])[] =
  [
    ["wrong checksum", rawTar(rawEntry({ checksum: "000001\0 " })), /checksum/],
    [
      "checksum that is no number",
      rawTar(rawEntry({ checksum: "zzzzzz\0 " })),
      /checksum/,
    ],
    ["random bytes", new Uint8Array(512).fill(7), /checksum/],
    ["cut in a header", rawEntry({}).subarray(0, 300), /cut short/],
    [
      "cut in content",
      rawEntry({}, "x".repeat(600)).subarray(0, 1024),
      /cut short/,
    ],
    ["cut in padding", rawEntry({}, "x").subarray(0, 700), /cut short/],
    [
      "cut in a PAX header",
      rawPax({ path: "a" }).subarray(0, 600),
      /cut short/,
    ],
    [
      "PAX header without an entry",
      rawTar(rawPax({ path: "a" })),
      /has no entry/,
    ],
    ["PAX header at the very end", rawPax({ path: "a" }), /cut short/],
    [
      "long name without an entry",
      rawTar(rawEntry({ type: "L" }, "a\0")),
      /has no entry/,
    ],
    [
      "entry after one zero block",
      concatBytes([new Uint8Array(512), rawTar(rawEntry({}))]),
      /block of zeros/,
    ],
    [
      "size that is no number",
      rawTar(rawEntry({ size: "12x45" })),
      /size is no number/,
    ],
    [
      "negative base-256 size (RUSTSEC-2026-0112)",
      rawTar(rawEntry({ size: base256(-512n, 12) })),
      /size is no number/,
    ],
    [
      "base-256 size of 2^63",
      rawTar(rawEntry({ size: base256(2n ** 63n, 12) })),
      /size is no number/,
    ],
    [
      "negative uid",
      rawTar(rawEntry({ uid: base256(-2n, 8) })),
      /uid is no number/,
    ],
    [
      "PAX size under the header's (CVE-2025-62518)",
      rawTar(rawPax({ size: "512" }), rawEntry({}, "x".repeat(1024))),
      /size is 1024 in one header and 512/,
    ],
    [
      "PAX size over the header's 0 (CVE-2025-62518)",
      rawTar(
        rawPax({ size: "1024" }),
        rawEntry({ size: 0 }),
        rawEntry({ name: "hidden" }),
      ),
      /size is 0 in one header and 1024/,
    ],
    [
      "PAX size 0 over content",
      rawTar(rawPax({ size: "0" }), rawEntry({}, "x")),
      /size is 1 in one header and 0/,
    ],
    [
      "PAX size that is huge",
      rawTar(rawPax({ size: String(2 ** 53) }), rawEntry({})),
      /"size" is no number/,
    ],
    [
      "PAX size below 0",
      rawTar(rawPax({ size: "-1" }), rawEntry({})),
      /"size" is no number/,
    ],
    [
      "PAX size in hexadecimal",
      rawTar(rawPax({ size: "0x10" }), rawEntry({})),
      /"size" is no number/,
    ],
    [
      "PAX record cut (RUSTSEC-2026-0113)",
      rawTar(rawPax("99 path=a\n"), rawEntry({})),
      /cut or garbled/,
    ],
    [
      "PAX record without newline",
      rawTar(rawPax("9 path=ab"), rawEntry({})),
      /cut or garbled/,
    ],
    [
      "PAX record of length 0",
      rawTar(rawPax("0 path=a\n"), rawEntry({})),
      /cut or garbled/,
    ],
    [
      "PAX record without =",
      rawTar(rawPax("8 patha\n"), rawEntry({})),
      /cut or garbled/,
    ],
    [
      "PAX record without key",
      rawTar(rawPax("5 =a\n\n"), rawEntry({})),
      /cut or garbled/,
    ],
    [
      "PAX length of many digits",
      rawTar(rawPax("00000000000000010 path=a\n"), rawEntry({})),
      /cut or garbled/,
    ],
    [
      "NUL in a PAX path",
      rawTar(rawPax({ path: "a\0b" }), rawEntry({})),
      /NUL/,
    ],
    [
      "PAX path for all entries",
      rawTar(rawPax({ path: "a" }, "g"), rawEntry({})),
      /all entries at once/,
    ],
    [
      "PAX size for all entries",
      rawTar(rawPax({ size: "1" }, "g"), rawEntry({})),
      /all entries at once/,
    ],
    [
      "global headers without end",
      rawTar(
        rawPax({ a: "x".repeat(10_000) }, "g"),
        rawPax({ b: "x".repeat(10_000) }, "g"),
      ),
      /more than 16384/,
    ],
    [
      "two PAX headers for one entry",
      rawTar(rawPax({ path: "a" }), rawPax({ path: "b" }), rawEntry({})),
      /twice/,
    ],
    [
      "two long names",
      rawTar(
        rawEntry({ type: "L" }, "a"),
        rawEntry({ type: "L" }, "b"),
        rawEntry({}),
      ),
      /twice/,
    ],
    [
      "long name and PAX path differ",
      rawTar(rawEntry({ type: "L" }, "a"), rawPax({ path: "b" }), rawEntry({})),
      /its name is "a" as well/,
    ],
    [
      "long links differ",
      rawTar(
        rawEntry({ type: "K" }, "a"),
        rawPax({ linkpath: "b" }),
        rawEntry({ type: "2", link: "c" }),
      ),
      /its link is "a" as well/,
    ],
    [
      "extended header of 2 MiB",
      rawTar(rawEntry({ type: "x", size: 2 << 20 })),
      /1048576 are allowed/,
    ],
    [
      "long name of 8 GiB",
      rawTar(rawEntry({ type: "L", size: 8 ** 11 - 1 })),
      /are allowed/,
    ],
    [
      "empty name",
      rawTar(rawEntry({ name: "", prefix: "" })),
      /its name is empty/,
    ],
    [
      "empty link",
      rawTar(rawEntry({ type: "1", link: "" })),
      /its link is empty/,
    ],
    [
      "empty link of a long name",
      rawTar(rawPax({ path: "a".repeat(200) }), rawEntry({ type: "2" })),
      /entry "a{200}": its link is empty/,
    ],
    ["unknown type", rawTar(rawEntry({ type: "Z" })), /type "Z" is not known/],
    ["second volume", rawTar(rawEntry({ type: "M" })), /type "M" is not known/],
    [
      "folder with content",
      rawTar(rawEntry({ name: "d", type: "5" }, "x")),
      /directory with 1 bytes/,
    ],
    [
      "symlink with content",
      rawTar(rawEntry({ type: "2", link: "t" }, "x")),
      /symlink with 1 bytes/,
    ],
    [
      "hard link with content",
      rawTar(rawEntry({ type: "1", link: "t" }, "x")),
      /hardlink with 1 bytes/,
    ],
    [
      "device with content",
      rawTar(rawEntry({ type: "3" }, "x")),
      /device with 1 bytes/,
    ],
    [
      "sparse pieces that overlap",
      rawTar(
        rawPax({ "GNU.sparse.size": "9", "GNU.sparse.map": "0,4,2,2" }),
        rawEntry({}, "abcdef"),
      ),
      /overlap/,
    ],
    [
      "sparse piece beyond the end",
      rawTar(
        rawPax({ "GNU.sparse.size": "9", "GNU.sparse.map": "8,2" }),
        rawEntry({}, "ab"),
      ),
      /beyond/,
    ],
    [
      "sparse map longer than what is stored",
      rawTar(
        rawPax({ "GNU.sparse.size": "9", "GNU.sparse.map": "0,4" }),
        rawEntry({}, "ab"),
      ),
      /4 bytes where 2 are stored/,
    ],
    [
      "sparse map that ends in the middle",
      rawTar(
        rawPax({ "GNU.sparse.size": "9", "GNU.sparse.map": "0,4,5" }),
        rawEntry({}, "abcd"),
      ),
      /ends in the middle/,
    ],
    [
      "sparse map of text",
      rawTar(
        rawPax({ "GNU.sparse.size": "9", "GNU.sparse.map": "0,x" }),
        rawEntry({}, "abcd"),
      ),
      /no number/,
    ],
    [
      "sparse map without a size",
      rawTar(rawPax({ "GNU.sparse.offset": "1" }), rawEntry({}, "abcd")),
      /no size/,
    ],
    [
      "sparse format 2.0",
      rawTar(
        rawPax({ "GNU.sparse.major": "2", "GNU.sparse.minor": "0" }),
        rawEntry({}),
      ),
      /format "2.0"/,
    ],
    [
      "sparse 1.0 map without end",
      rawTar(rawPax(V1), rawEntry({}, "1".padEnd(512, "1"))),
      /no number/,
    ],
    [
      "sparse 1.0 map of a million pieces",
      rawTar(rawPax(V1), rawEntry({}, "1000000\n".padEnd(512, "1"))),
      /1000000 pieces/,
    ],
    [
      "sparse 1.0 map longer than the content",
      rawTar(rawPax(V1), rawEntry({}, "9\n1\n1\n")),
      /longer than|no number/,
    ],
    [
      "sparse folder",
      rawTar(
        rawPax({ "GNU.sparse.size": "0", "GNU.sparse.map": "0,0" }),
        rawEntry({ type: "5" }),
      ),
      /directory that is sparse/,
    ],
    [
      "old sparse in a POSIX header",
      rawTar(rawEntry({ type: "S" })),
      /two ways/,
    ],
    [
      "old sparse with a negative size",
      rawTar(rawEntry({ type: "S", magic: GNU_MAGIC, patch: [[483, "zz"]] })),
      /real size/,
    ],
  ];
