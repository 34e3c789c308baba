import { IntegrityError, NotFoundError } from "../errors.ts";
import { digestBytes } from "../io/hash.ts";
import { guardLocal } from "../io/local_error.ts";
import {
  findEntry,
  listEntries,
  openRegularFile,
} from "../io/open_regular_file.ts";
import { type Digest, digestAlgorithm } from "../spec/digest.ts";
import { blobPath } from "./layout.ts";

/** Names a blob; the size, where known, is checked too. */
export interface BlobKey {
  /** Names the blob. */
  readonly digest: Digest;
  /** Bytes that it must have, where known. */
  readonly size?: number;
}

/** Whether a blob is committed. Commit verified it, so this looks at its size and no further. */
export function hasBlobFile(dir: string, { digest, size }: BlobKey): boolean {
  const path = blobPath(dir, digest);
  const info = guardLocal("open", path, () => findEntry(path));
  if (info === undefined || !info.isFile) return false;
  return size === undefined || info.size === size;
}

/** A folder is listed where it is this much for each blob that is asked for: three names. */
const LISTED_BYTES_A_BLOB = 256;

/**
 * Which of many blobs are committed. That one is not there is told by an error, which takes 60 µs
 * to come up, and most of an image's are not; a folder that is small is listed in less.
 */
export function findBlobFiles(
  dir: string,
  blobs: readonly BlobKey[],
): ReadonlySet<Digest> {
  const path = `${dir}/blobs/sha256`;
  const folder = guardLocal("open", path, () => findEntry(path));
  const { size = 0, isDirectory = false } = folder ?? {};
  const isSmall = isDirectory && size <= blobs.length * LISTED_BYTES_A_BLOB;
  // Where a file system gives folders no size, they may be of any.
  const names = isSmall && size > 0
    ? new Set(listEntries(path).map(({ name }) => `sha256:${name}`))
    : undefined;
  const here = blobs.filter((blob) =>
    (names === undefined || names.has(blob.digest) ||
      digestAlgorithm(blob.digest) !== "sha256") && hasBlobFile(dir, blob)
  );
  return new Set(here.map(({ digest }) => digest));
}

/** Opens a committed blob. */
export function openBlobFile(dir: string, digest: Digest): Deno.FsFile {
  const file = openRegularFile(blobPath(dir, digest));
  if (file !== undefined) return file;
  throw new NotFoundError(
    "not-in-store",
    `Cannot read blob "${digest}": it is not in the store`,
    { details: { digest } },
  );
}

/** Reads a committed blob whole, and checks it. */
export async function readBlobFile(
  dir: string,
  { digest, size }: BlobKey,
  { maxBytes }: { readonly maxBytes: number },
): Promise<Uint8Array<ArrayBuffer>> {
  using file = openBlobFile(dir, digest);
  const length = file.statSync().size;
  if (size !== undefined && length !== size) {
    throw damaged(
      "size-mismatch",
      digest,
      `it has ${length} bytes, not ${size}`,
    );
  }
  if (length > maxBytes) {
    throw damaged(
      "document-too-large",
      digest,
      `it has ${length} bytes, ${maxBytes} are allowed`,
    );
  }
  const bytes = new Uint8Array(length);
  let filled = 0;
  while (filled < length) {
    const read = await file.read(bytes.subarray(filled));
    if (read === null) break;
    filled += read;
  }
  const actual = await digestBytes(
    digestAlgorithm(digest),
    bytes.subarray(0, filled),
  );
  if (actual === digest) return bytes;
  throw damaged("digest-mismatch", digest, `its bytes have digest ${actual}`);
}

function damaged(code: string, digest: Digest, what: string): IntegrityError {
  return new IntegrityError(code, `Cannot read blob "${digest}": ${what}`, {
    details: { digest },
    hint: "remove the file and pull the image again",
  });
}
