import type { BodyReader } from "../http/body_reader.ts";
import type { ByteRange } from "../io/byte_range.ts";
import type { Piece } from "./piece.ts";
import { ChunkReader, endedEarly, type ReadOptions } from "./read_chunk.ts";

/** Puts a part of a blob on disk. */
export type PartWriter = (part: ByteRange, bytes: Uint8Array) => Promise<void>;

const BUFFER_BYTES = 256 * 1024;
/**
 * From the first write that takes this long, two buffers serve a connection:
 * one is written while the other fills. Before it, a single one stays in the
 * processor's cache.
 */
const SLOW_WRITE_MS = 5;
/** How long an answer of which every byte is here may take to end, in ms. */
const END_GRACE_MS = 500;

/** Moves an answer's wanted bytes to disk; none is being written any more when this settles. */
export async function drainBody(
  body: BodyReader,
  piece: Piece,
  write: PartWriter,
  options: ReadOptions,
): Promise<void> {
  const reader = new ChunkReader(body, piece, options);
  const bytes = Math.min(BUFFER_BYTES, piece.end - piece.position);
  let memory = new Uint8Array(bytes);
  let spare: typeof memory | undefined;
  let writing = Promise.resolve();
  let isSlow = false;
  try {
    while (!piece.arrived) {
      const chunk = await reader.read(memory);
      const startMs = options.now();
      await writing;
      if (chunk.length === 0 && !piece.arrived) throw endedEarly(piece);
      writing = writeParts(chunk, piece, write);
      // Awaited below; until then its failure must not count as nobody's.
      writing.catch(() => {});
      memory = new Uint8Array(chunk.buffer);
      if (isSlow) [memory, spare] = [spare ?? new Uint8Array(bytes), memory];
      else await writing;
      const nowMs = options.now();
      isSlow ||= nowMs - startMs > SLOW_WRITE_MS;
      piece.pace.onBusy(nowMs - startMs, nowMs);
    }
  } finally {
    piece.finish();
    // A failed write is the reason to give, whatever the network did meanwhile.
    await writing;
  }
}

async function writeParts(
  chunk: Uint8Array,
  piece: Piece,
  write: PartWriter,
): Promise<void> {
  const offset = piece.position;
  for (const part of piece.advance(chunk.length)) {
    await write(part, chunk.subarray(part.start - offset, part.end - offset));
  }
}

/**
 * Ends an answer that has brought what it was to bring: read to its end, the
 * connection may be used again; one that goes on is broken off.
 */
export async function endBody(body: BodyReader, piece: Piece): Promise<void> {
  if (piece.cutShort) return await body.cancel();
  const timer = setTimeout(() => void body.cancel(), END_GRACE_MS);
  try {
    const rest = await body.read(new Uint8Array(1));
    if (rest.length > 0) await body.cancel();
  } catch {
    // Every byte is here; how the connection ends is of no more interest.
  } finally {
    clearTimeout(timer);
  }
}
