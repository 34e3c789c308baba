import { IntegrityError } from "../errors.ts";
import type { Digest } from "../spec/digest.ts";

/** A commit before all bytes are here. */
export function incompleteBlob(
  digest: Digest,
  expected: number,
  actual: number,
): IntegrityError {
  return new IntegrityError(
    "size-mismatch",
    `Cannot commit "${digest}": ${actual} of ${expected} bytes are here`,
    { details: { digest, expected, actual } },
  );
}

/** Bytes that are not the blob's. */
export function digestMismatch(
  expected: Digest,
  actual: Digest,
): IntegrityError {
  return new IntegrityError(
    "digest-mismatch",
    `Cannot commit "${expected}": the bytes have digest ${actual}`,
    { details: { expected, actual } },
  );
}
