import { guardLocal } from "../io/local_error.ts";
import { findEntry, listEntries } from "../io/open_regular_file.ts";
import { type Digest, findDigest } from "../spec/digest.ts";

const ALGORITHMS = ["sha256", "sha512"] as const;

/** What stands at a blob's place. */
export interface BlobFile {
  /** Bytes. */
  readonly size: number;
  /** False for a link or a folder that somebody put there. */
  readonly isFile: boolean;
}

/** The digests that have a name in `blobs/`, whatever stands there. Nothing is opened. */
export function* listBlobNames(dir: string): Generator<Digest> {
  for (const algorithm of ALGORITHMS) {
    const path = `${dir}/blobs/${algorithm}`;
    for (const { name } of listEntries(path)) {
      const digest = findDigest(`${algorithm}:${name}`);
      if (digest !== undefined) yield digest;
    }
  }
}

/** What stands at a path, undefined for nothing. */
export function findBlobFile(path: string): BlobFile | undefined {
  const info = guardLocal("open", path, () => findEntry(path));
  return info && { size: info.size, isFile: info.isFile };
}
