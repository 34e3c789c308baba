type NodeZlib = Pick<
  typeof import("node:zlib"),
  "createGunzip" | "createZstdDecompress"
>;

interface NodeProcess {
  readonly process: { getBuiltinModule(name: "node:zlib"): NodeZlib };
}

/** A decompressing stream of `node:zlib`. */
export type ZlibStream = ReturnType<NodeZlib["createGunzip"]>;

/** What there are streams for. */
export type Packing = "gzip" | "zstd";

/** Larger chunks are no faster; with smaller ones (16 KiB) the rate is half. */
export const CHUNK_BYTES: number = 256 * 1024;

/** Opens a stream of `node:zlib`, which is loaded when first needed, as in io/hash.ts. */
export function createZlibStream(compression: Packing): ZlibStream {
  // Sound: Deno has `process` as a global, and the method since 2.1; dray's Deno is pinned.
  const zlib = (globalThis as unknown as NodeProcess).process.getBuiltinModule(
    "node:zlib",
  );
  const options = { chunkSize: CHUNK_BYTES };
  return compression === "gzip"
    ? zlib.createGunzip(options)
    : zlib.createZstdDecompress(options);
}
