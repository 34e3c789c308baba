import { IntegrityError } from "../errors.ts";
import { digestBytes } from "../io/hash.ts";
import type { Descriptor } from "../spec/descriptor.ts";
import { type Digest, digestAlgorithm, digestHex } from "../spec/digest.ts";
import { quoteText } from "../spec/escape_text.ts";
import { MAX_DOCUMENT_BYTES } from "../spec/max_document_bytes.ts";

/** A file of an archive or a layout folder. */
export interface ImageFile {
  /** Bytes. */
  readonly size: number;
  /** Its bytes; a chunk is valid until the next one. */
  chunks(): AsyncIterable<Uint8Array>;
}

/** The files of an archive or a layout folder, by path. */
export interface ImageFiles extends AsyncDisposable {
  /** How a message names it. */
  readonly name: string;
  /** Links resolved, never out of it; undefined where there is none. */
  find(path: string): ImageFile | undefined;
}

/** The file of a blob in an OCI image layout. */
export function findBlob(
  files: ImageFiles,
  { digest, size }: Pick<Descriptor, "digest" | "size">,
): ImageFile | undefined {
  const path = `blobs/${digestAlgorithm(digest)}/${digestHex(digest)}`;
  const file = files.find(path);
  if (file === undefined || file.size === size) return file;
  throw new IntegrityError(
    "size-mismatch",
    `Cannot import ${
      quoteText(files.name)
    }: blob "${digest}" has ${file.size} bytes in it, not ${size}`,
    { details: { digest, expected: size, actual: file.size } },
  );
}

/** Reads a document whole. @throws IntegrityError `document-too-large` */
export async function readDocument(
  files: ImageFiles,
  file: ImageFile,
  where: string,
): Promise<Uint8Array<ArrayBuffer>> {
  if (file.size > MAX_DOCUMENT_BYTES) {
    throw new IntegrityError(
      "document-too-large",
      `Cannot import ${quoteText(files.name)}: ${
        quoteText(where)
      } has ${file.size} bytes, ${MAX_DOCUMENT_BYTES} are allowed`,
    );
  }
  const bytes = new Uint8Array(file.size);
  let filled = 0;
  for await (const chunk of file.chunks()) {
    bytes.set(chunk, filled);
    filled += chunk.length;
  }
  return bytes;
}

/** Reads a document that must have a digest. */
export async function readBlob(
  files: ImageFiles,
  file: ImageFile,
  digest: Digest,
): Promise<Uint8Array<ArrayBuffer>> {
  const bytes = await readDocument(files, file, digest);
  const actual = await digestBytes(digestAlgorithm(digest), bytes);
  if (actual === digest) return bytes;
  throw wrongDigest(files, digest, actual);
}

/** Content that is not what its name says. */
export function wrongDigest(
  { name }: ImageFiles,
  expected: Digest,
  actual: string,
): IntegrityError {
  return new IntegrityError(
    "digest-mismatch",
    `Cannot import ${
      quoteText(name)
    }: blob "${expected}" has digest ${actual} in it`,
    { details: { expected, actual } },
  );
}

/** A blob that a document names, and that is not there. */
export function missingBlob(
  { name }: ImageFiles,
  digest: Digest,
  what: string,
): IntegrityError {
  return new IntegrityError(
    "blob-missing",
    `Cannot import ${quoteText(name)}: ${what} "${digest}" is not in it`,
    { details: { digest } },
  );
}
