import { promisify } from "node:util";
import { gzip } from "node:zlib";
import { hashBytes } from "../src/io/hash.ts";
import { concatBytes } from "../src/tar/concat_bytes.ts";
import { writeTar } from "../src/tar/write_tar.ts";
import type { BundleFile } from "./read_bundle.ts";
import { selfExtractingHead } from "./self_extracting_head.ts";

/** What a self-extracting file has in it. */
export interface SelfExtractingContent {
  /** For people: `linux-x86_64`. */
  readonly target: string;
  /** A `case` pattern; see `DenoPackage`. */
  readonly machines: string;
  /** Deno's executable. It is unpacked as `dray`, so that lists of processes say so. */
  readonly program: Uint8Array | string;
  /** What it runs, from `main.js` on, and its `deno.json`. */
  readonly files: readonly BundleFile[];
  /** How hard gzip tries. Default 6: 9 takes twice as long for 0.3 % less. */
  readonly level?: number;
}

/**
 * A shell head and a compressed archive; the same bytes from the same content.
 *
 * gzip, since every system has it: zstd would save 9 MB of 42 and xz 11, but a fresh macOS has
 * neither, a small Linux seldom, and xz takes 2 s to unpack.
 */
export async function selfExtractingFile(
  { target, machines, program, files, level = 6 }: SelfExtractingContent,
): Promise<Uint8Array> {
  const archive = writeTar([
    { path: "dray", mode: 0o700, content: program },
    ...files.map((file) => ({ ...file, mode: 0o600 })),
  ]);
  const payload = await promisify(gzip)(archive, { level });
  const head = selfExtractingHead({
    target,
    machines,
    payloadBytes: payload.length,
    sha256: hashBytes("sha256", payload).slice("sha256:".length),
    paths: files.map(({ path }) => path),
  });
  return concatBytes([new TextEncoder().encode(head), payload]);
}
