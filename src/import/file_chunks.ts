import { guardLocal } from "../io/local_error.ts";
import { nextTurn } from "../io/next_turn.ts";

/** A part of a file. */
export interface FileRange {
  readonly offset: number;
  readonly size: number;
}

/** Options of {@linkcode fileChunks}. */
export interface FileChunksOptions {
  /** Names the file in a message. */
  readonly path: string;
  readonly signal?: AbortSignal | undefined;
}

const CHUNK_BYTES = 512 << 10;
/** Chunks between two turns of the event loop, which signals and the display need. */
const CHUNKS_A_TURN = 8;

/**
 * The bytes of a part of an open file. A chunk is valid until the next one. Several may be read
 * at the same time: place and read are one step.
 */
export async function* fileChunks(
  file: Deno.FsFile,
  { offset, size }: FileRange,
  { path, signal }: FileChunksOptions,
): AsyncGenerator<Uint8Array> {
  const buffer = new Uint8Array(Math.min(CHUNK_BYTES, size));
  for (let at = 0, chunks = 1; at < size; chunks++) {
    signal?.throwIfAborted();
    const part = buffer.subarray(0, Math.min(buffer.length, size - at));
    const read = guardLocal("read", path, () => {
      file.seekSync(offset + at, Deno.SeekMode.Start);
      return file.readSync(part);
    });
    // Whoever needs all of it checks that it came.
    if (read === null) return;
    yield part.subarray(0, read);
    at += read;
    if (chunks % CHUNKS_A_TURN === 0) {
      await nextTurn(signal);
    }
  }
}
