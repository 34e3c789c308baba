import { totalBytes } from "../io/byte_range.ts";
import { guardLocal } from "../io/local_error.ts";
import { findEntry, listEntries } from "../io/open_regular_file.ts";
import type { Descriptor } from "../spec/descriptor.ts";
import { type Digest, findDigest } from "../spec/digest.ts";
import { readRanges } from "./range_log.ts";

/** A download that is not finished. */
export interface PartialBlob {
  /** The blob that it will be. */
  readonly digest: Digest;
  /** What it takes of the disk; gaps take nothing. */
  readonly bytes: number;
  /** When it was last written to, in milliseconds. */
  readonly modifiedAtMs: number;
}

const BLOCK_BYTES = 512;

/** The partial downloads in a store's ingest folder; none where there is no folder. */
export function listPartials(ingestDir: string): readonly PartialBlob[] {
  return listEntries(ingestDir).flatMap(({ name, isFile }) => {
    const digest = findDigest(name.replace("-", ":"));
    if (!isFile || digest === undefined) return [];
    const path = `${ingestDir}/${name}`;
    const info = guardLocal("open", path, () => findEntry(path));
    // Committed since it was listed.
    return info === undefined ? [] : [{
      digest,
      bytes: info.blocks === null ? info.size : info.blocks * BLOCK_BYTES,
      modifiedAtMs: info.mtime?.getTime() ?? 0,
    }];
  });
}

/**
 * How many bytes earlier runs left of some blobs; what is committed or not begun is left out. As
 * it is now: another process may be writing.
 */
export function readKeptBytes(
  ingestDir: string,
  blobs: readonly Pick<Descriptor, "digest" | "size">[],
): ReadonlyMap<Digest, number> {
  const begun = new Set(
    blobs.length === 0 ? [] : listEntries(ingestDir).map(({ name }) => name),
  );
  const kept = new Map<Digest, number>();
  for (const { digest, size } of blobs) {
    const name = digest.replace(":", "-");
    if (!begun.has(name)) continue;
    const path = `${ingestDir}/${name}`;
    const length = guardLocal("open", path, () => findEntry(path))?.size ?? 0;
    const ranges = readRanges(`${path}.ranges`, Math.min(length, size));
    kept.set(digest, totalBytes(ranges));
  }
  return kept;
}

/**
 * What the partials of some blobs have of the disk beyond the bytes that are there, see
 * `SpaceReserve`.
 */
export function sumReserved(
  ingestDir: string,
  digests: ReadonlySet<Digest>,
): number {
  const partials = listPartials(ingestDir)
    .filter(({ digest }) => digests.has(digest));
  const kept = readKeptBytes(
    ingestDir,
    partials.map(({ digest }) => ({ digest, size: Infinity })),
  );
  return partials.reduce(
    (sum, { digest, bytes }) =>
      sum + Math.max(0, bytes - (kept.get(digest) ?? 0)),
    0,
  );
}
