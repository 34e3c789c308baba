import { IntegrityError } from "../errors.ts";
import { createHasher } from "../io/hash.ts";
import { type Digest, digestAlgorithm } from "../spec/digest.ts";
import type { ArchiveHandler } from "../tar/archive_entry.ts";
import { TarReader } from "../tar/tar_reader.ts";
import type { LimitGuard } from "./unpack_limits.ts";

/** How messages begin that leave the layer's name to {@linkcode readLayer}. */
const NAMELESS = "Cannot unpack layer:";

/** A layer to read. */
export interface LayerBytes {
  /** For messages. */
  readonly digest?: Digest | undefined;
  /** The digest of the uncompressed bytes; undefined where the source checks what it gives. */
  readonly diffId?: Digest | undefined;
  /** Compressed bytes in all, for the limit of the ratio. */
  readonly size: number;
  /** Uncompressed. */
  readonly chunks: AsyncIterable<Uint8Array>;
}

/** How {@linkcode readLayer} goes about it. */
export interface ReadLayerOptions {
  readonly guard: LimitGuard;
  readonly signal?: AbortSignal | undefined;
  /** Asked after each chunk: whether the rest is of no interest. Default: never. */
  readonly isDone?: (() => boolean) | undefined;
}

/**
 * Reads a layer's archive and tells a handler what is in it.
 *
 * @returns the number of uncompressed bytes; undefined where it was left in the middle, and so
 * not checked.
 * @throws IntegrityError `digest-mismatch`, `archive-invalid`, `limit-exceeded`, and what the
 * handler throws.
 */
export async function readLayer(
  layer: LayerBytes,
  handler: ArchiveHandler,
  options: ReadLayerOptions,
): Promise<number | undefined> {
  try {
    return await readArchive(layer, handler, options);
  } catch (error) {
    const { digest } = layer;
    throw error instanceof IntegrityError && digest !== undefined
      ? nameLayer(error, digest)
      : error;
  }
}

async function readArchive(
  { diffId, size, chunks }: LayerBytes,
  handler: ArchiveHandler,
  { guard, signal, isDone = () => false }: ReadLayerOptions,
): Promise<number | undefined> {
  const reader = new TarReader(handler);
  const hasher = diffId && createHasher(digestAlgorithm(diffId));
  const count = guard.startLayer(size);
  let bytes = 0;
  for await (const chunk of chunks) {
    signal?.throwIfAborted();
    bytes += chunk.length;
    count(chunk.length);
    hasher?.update(chunk);
    reader.write(chunk);
    if (isDone()) return undefined;
  }
  reader.close();
  const actual = hasher?.digest();
  if (actual === diffId) return bytes;
  throw new IntegrityError(
    "digest-mismatch",
    `${NAMELESS} its content has diffID "${actual}", not "${diffId}"`,
    { details: { expected: `${diffId}`, actual: `${actual}` } },
  );
}

/** What doesn't know which layer it reads says so; whoever does puts the name in. */
function nameLayer(error: IntegrityError, digest: Digest): IntegrityError {
  const { code, message, hint, details } = error;
  if (!message.startsWith(NAMELESS)) return error;
  return new IntegrityError(
    code,
    `Cannot unpack layer "${digest}":${message.slice(NAMELESS.length)}`,
    { hint, details: { ...details, digest }, cause: error },
  );
}
