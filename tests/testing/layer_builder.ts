import { gzipSync, zstdCompressSync } from "node:zlib";
import { type TarEntry, writeTar } from "../../src/tar/write_tar.ts";
import { digestOf, randomBytes } from "./test_bytes.ts";
import {
  buildBlob,
  type Flavor,
  MEDIA_TYPES,
  type TestLayer,
} from "./test_image.ts";

/** What a layer holds. */
export interface LayerOptions {
  /** Path → content. */
  readonly files?: Readonly<Record<string, string | Uint8Array>>;
  /** Raw tar entries, after the files. */
  readonly entries?: readonly TarEntry[];
  /** Adds a file `random.bin` of this many incompressible bytes. */
  readonly randomBytes?: number;
  /** Default: 1. */
  readonly seed?: number;
  /** Default: gzip (stored, not deflated, where there are random bytes: fast). */
  readonly compression?: "gzip" | "zstd" | "none";
  readonly flavor?: Flavor;
  /** Instead of the right one. */
  readonly mediaType?: string;
}

/** Makes one layer. */
export function buildLayer(
  options: LayerOptions = {},
  algorithm: "sha256" | "sha512" = "sha256",
): TestLayer {
  const { compression = "gzip", flavor = "oci", seed = 1 } = options;
  const entries: TarEntry[] = Object.entries(options.files ?? {})
    .map(([path, content]) => ({ path, content }));
  entries.push(...options.entries ?? []);
  if (options.randomBytes !== undefined) {
    entries.push({
      path: "random.bin",
      content: randomBytes(options.randomBytes, seed),
    });
  }
  if (entries.length === 0) {
    entries.push({ path: "seed.txt", content: `layer ${seed}\n` });
  }
  const tar = writeTar(entries);
  const bytes = compress(tar, compression, options.randomBytes !== undefined);
  const mediaType = options.mediaType ?? MEDIA_TYPES[flavor].layer[compression];
  return {
    ...buildBlob(bytes, mediaType, {}, algorithm),
    diffId: digestOf(tar, algorithm),
  };
}

function compress(
  tar: Uint8Array<ArrayBuffer>,
  compression: "gzip" | "zstd" | "none",
  stored: boolean,
): Uint8Array<ArrayBuffer> {
  switch (compression) {
    case "none":
      return tar;
    case "gzip":
      return new Uint8Array(gzipSync(tar, { level: stored ? 0 : 6 }));
    case "zstd":
      return new Uint8Array(zstdCompressSync(tar));
  }
}
