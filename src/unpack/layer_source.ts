import type { Digest } from "../spec/digest.ts";

/** A layer that can be read, more than once. */
export interface LayerSource {
  /** As it is in the manifest. */
  readonly digest: Digest;
  /** Compressed bytes. */
  readonly size: number;
  /** The digest of the uncompressed bytes; undefined where the source checks what it gives. */
  readonly diffId?: Digest | undefined;
  /** The uncompressed bytes; a chunk is valid until the next one. */
  open(): AsyncIterable<Uint8Array>;
}
