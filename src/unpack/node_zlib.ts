import { loadNodeModule } from "../io/node_module.ts";

/** A decompressing stream of `node:zlib`. */
export type ZlibStream = ReturnType<
  typeof import("node:zlib")["createGunzip"]
>;

/** What there are streams for. */
export type Packing = "gzip" | "zstd";

/** Larger chunks are no faster; with smaller ones (16 KiB) the rate is half. */
export const CHUNK_BYTES: number = 256 * 1024;

/** Opens a stream of `node:zlib`. */
export function createZlibStream(compression: Packing): ZlibStream {
  const zlib = loadNodeModule("node:zlib");
  const options = { chunkSize: CHUNK_BYTES };
  return compression === "gzip"
    ? zlib.createGunzip(options)
    : zlib.createZstdDecompress(options);
}
