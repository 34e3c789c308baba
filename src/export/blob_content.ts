import { IntegrityError } from "../errors.ts";
import { createHasher } from "../io/hash.ts";
import { localCall } from "../io/local_error.ts";
import { openRegularFile } from "../io/open_regular_file.ts";
import type { Descriptor } from "../spec/descriptor.ts";
import { type Digest, digestAlgorithm } from "../spec/digest.ts";
import type { Store } from "../store/store.ts";

/** What reading a blob needs besides the blob. */
export interface BlobReading {
  readonly store: Store;
  readonly signal?: AbortSignal | undefined;
  /** Told of bytes that were read. */
  readonly onBytes?: ((bytes: number) => void) | undefined;
}

/** Large enough to make the way to another thread and back cheap. */
const CHUNK_BYTES = 1 << 20;

/**
 * A blob's bytes, hashed on their way; the next ones are read meanwhile. A chunk is valid until
 * the next one. What was yielded counts only if this ends without an error.
 *
 * @throws IntegrityError `digest-mismatch` or `blob-missing`, where the store is damaged.
 */
export async function* blobContent(
  { digest, size }: Pick<Descriptor, "digest" | "size">,
  { store, signal, onBytes }: BlobReading,
): AsyncGenerator<Uint8Array> {
  const path = store.blobPath(digest);
  using file = openRegularFile(path);
  if (file === undefined) {
    throw damaged("blob-missing", digest, "it is not in the store");
  }
  const length = Math.min(CHUNK_BYTES, Math.max(size, 1));
  const buffers = [new Uint8Array(length), new Uint8Array(length)];
  const read = (turn: number): Promise<Uint8Array> => {
    const reading = localCall(
      "read",
      path,
      () => fill(file, buffers[turn % 2]),
    );
    // It may fail while the consumer is at the chunk before; whoever awaits it is told.
    reading.catch(() => {});
    return reading;
  };
  const hasher = createHasher(digestAlgorithm(digest));
  let ahead = read(0);
  try {
    for (let turn = 1;; turn++) {
      const chunk = await ahead;
      if (chunk.length === 0) break;
      ahead = read(turn);
      signal?.throwIfAborted();
      hasher.update(chunk);
      onBytes?.(chunk.length);
      yield chunk;
    }
  } finally {
    // The file must not be closed under a read.
    await ahead.catch(() => {});
  }
  const actual = hasher.digest();
  if (actual === digest) return;
  throw damaged("digest-mismatch", digest, `its bytes have digest ${actual}`);
}

/** Fills a buffer as far as the file goes. */
async function fill(
  file: Deno.FsFile,
  buffer: Uint8Array = new Uint8Array(CHUNK_BYTES),
): Promise<Uint8Array> {
  let filled = 0;
  while (filled < buffer.length) {
    const read = await file.read(buffer.subarray(filled));
    if (read === null) break;
    filled += read;
  }
  return buffer.subarray(0, filled);
}

function damaged(code: string, digest: Digest, what: string): IntegrityError {
  return new IntegrityError(code, `Cannot export blob "${digest}": ${what}`, {
    hint: "fetch it again with: dray verify --repair",
    details: { digest },
  });
}
