import type { ByteRange } from "../io/byte_range.ts";

/**
 * A blob on its way into the store; the only door for bytes. Disposing without commit keeps the
 * partial for a later run.
 */
export interface Ingest extends AsyncDisposable {
  /** Bytes the blob has when it is whole. */
  readonly size: number;
  /** Bytes that an earlier run left. */
  readonly kept: number;
  /** The file that the bytes are in until {@linkcode commit}; others may read along. */
  readonly path: string;
  /** Bytes that are here from the start on, without a gap. */
  readonly prefixBytes: number;
  /** What is not here yet, in order; survives a crash. Empty: every byte is here. */
  readonly missing: readonly ByteRange[];
  /**
   * Takes bytes at an offset, from several callers at once. Bytes that are here already are
   * left as they are. The buffer may be reused once this resolves.
   *
   * @throws LocalError `disk-full`, `permission-denied` or `io`; the partial stays.
   */
  writeAt(offset: number, bytes: Uint8Array): Promise<void>;
  /** Forgets all bytes. No write may be under way. */
  reset(): Promise<void>;
  /**
   * Checks size and digest, makes the bytes durable and puts the blob in its place.
   *
   * @throws IntegrityError `size-mismatch` when bytes are missing; the partial stays.
   * @throws IntegrityError `digest-mismatch` with `expected` and `actual`; the partial is dropped.
   */
  commit(): Promise<void>;
}
