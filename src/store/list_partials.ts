import { guardLocal } from "../io/local_error.ts";
import { findEntry } from "../io/open_regular_file.ts";
import { type Digest, findDigest } from "../spec/digest.ts";

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

/** The partial downloads in a store's ingest folder. */
export function listPartials(ingestDir: string): readonly PartialBlob[] {
  return guardLocal(
    "list",
    ingestDir,
    () =>
      [...Deno.readDirSync(ingestDir)].flatMap(({ name, isFile }) => {
        const digest = findDigest(name.replace("-", ":"));
        if (!isFile || digest === undefined) return [];
        const info = findEntry(`${ingestDir}/${name}`);
        // Committed since it was listed.
        return info === undefined ? [] : [{
          digest,
          bytes: info.blocks === null ? info.size : info.blocks * BLOCK_BYTES,
          modifiedAtMs: info.mtime?.getTime() ?? 0,
        }];
      }),
  );
}
