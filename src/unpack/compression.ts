import { IntegrityError } from "../errors.ts";

/** How a layer is compressed, as far as dray reads it. */
export type Compression = "gzip" | "zstd" | "none";

/** Bytes that {@linkcode findCompression} needs to see. */
export const MAGIC_BYTES = 6;

const REFUSED: readonly (readonly [name: string, magic: readonly number[]])[] =
  [
    ["xz", [0xfd, 0x37, 0x7a, 0x58, 0x5a, 0x00]],
    ["bzip2", [0x42, 0x5a, 0x68]],
    ["lz4", [0x04, 0x22, 0x4d, 0x18]],
    ["lzma", [0x5d, 0x00, 0x00]],
    ["compress", [0x1f, 0x9d]],
  ];

/**
 * Tells the compression by the first bytes: the media type is what somebody said it is.
 *
 * @param head The first bytes, {@linkcode MAGIC_BYTES} where there are so many.
 * @throws IntegrityError `compression-unsupported`
 */
export function findCompression(head: Uint8Array): Compression {
  if (head[0] === 0x1f && head[1] === 0x8b) return "gzip";
  if (starts(head, [0x28, 0xb5, 0x2f, 0xfd])) return "zstd";
  // A skippable frame, of which zstd:chunked has some.
  if (
    ((head[0] ?? 0) & 0xf0) === 0x50 &&
    starts(head.subarray(1), [0x2a, 0x4d, 0x18])
  ) {
    return "zstd";
  }
  const refused = REFUSED.find(([, magic]) => starts(head, magic));
  if (refused === undefined) return "none";
  throw new IntegrityError(
    "compression-unsupported",
    `Cannot unpack layer: it is compressed with ${
      refused[0]
    }, which is not supported`,
    { hint: "layers may be gzip, zstd or not compressed" },
  );
}

function starts(head: Uint8Array, magic: readonly number[]): boolean {
  return magic.every((byte, at) => head[at] === byte);
}
