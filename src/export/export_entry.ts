import type { Descriptor } from "../spec/descriptor.ts";
import type { Digest } from "../spec/digest.ts";

/** A file or folder of an export, in the order in which it is written. */
export type ExportEntry =
  | { readonly kind: "folder"; readonly path: string }
  | {
    readonly kind: "bytes";
    readonly path: string;
    readonly bytes: Uint8Array;
  }
  /** A blob of the store as it is. */
  | {
    readonly kind: "blob";
    readonly path: string;
    readonly blob: Pick<Descriptor, "digest" | "size">;
  }
  /** What a layer is when it is no longer compressed. */
  | {
    readonly kind: "inflated";
    readonly path: string;
    readonly blob: Pick<Descriptor, "digest" | "size">;
    readonly diffId: Digest;
    /** Uncompressed bytes. */
    readonly size: number;
  };

/** How many bytes of the store are read for entries. */
export function sourceBytes(entries: readonly ExportEntry[]): number {
  return entries.reduce(
    (sum, entry) => sum + ("blob" in entry ? entry.blob.size : 0),
    0,
  );
}
