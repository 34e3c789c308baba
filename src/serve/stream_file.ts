import type { ByteRange } from "../io/byte_range.ts";
import { type PieceSource, withPieces } from "./http/piece_source.ts";

/** Options of {@linkcode streamFile}. */
export interface StreamFileOptions {
  /**
   * Whether the whole file is sound. The last piece is held back until this resolves; where it
   * rejects, the stream fails, so that nobody takes what came for the whole.
   */
  readonly verdict?: Promise<void> | undefined;
  /** Monotonic clock, in milliseconds. Default: `performance.now`. */
  readonly now?: () => number;
}

/** Fewer, larger pieces cost less; much larger ones fall out of the processor's cache. */
const PIECE_BYTES = 256 * 1024;
/** A read that takes longer had to wait for the disk. */
const CACHED_READ_MS = 4;
/** Reads that a disk is then given without holding up everybody else. */
const READS_OFF_THREAD = 16;

/** Streams a part of a file, and closes it at the end, on failure and when it is cancelled. */
export function streamFile(
  file: Deno.FsFile,
  range: ByteRange,
  options: StreamFileOptions = {},
): ReadableStream<Uint8Array<ArrayBuffer>> {
  const pieces = openPieces(file, range, options);
  const stream: ReadableStream<Uint8Array<ArrayBuffer>> = new ReadableStream({
    type: "bytes",
    autoAllocateChunkSize: PIECE_BYTES,
    async pull(controller): Promise<void> {
      const request = controller.byobRequest;
      if (request === null || request.view === null) return;
      const { buffer, byteOffset, byteLength } = request.view;
      const piece = new Uint8Array(buffer, byteOffset, byteLength);
      try {
        const count = await pieces.read(piece);
        if (count === 0) controller.close();
        request.respond(count);
      } catch (error) {
        pieces.close();
        throw error;
      }
    },
    cancel: () => pieces.close(),
  });
  return withPieces(stream, pieces);
}

function openPieces(
  file: Deno.FsFile,
  { start, end }: ByteRange,
  { verdict, now = () => performance.now() }: StreamFileOptions,
): PieceSource {
  // A failure is told where the content ends; what is given up has no use for it.
  verdict?.catch(() => {});
  const read = cachedReader(file, now);
  let at = file.seekSync(start, Deno.SeekMode.Start);
  let isOpen = true;
  const close = (): void => {
    if (isOpen) file.close();
    isOpen = false;
  };
  const advance = (count: number | null): number => {
    if (count === null) throw new Deno.errors.UnexpectedEof("file is short");
    at += count;
    return count;
  };
  const next = (piece: Uint8Array): number | Promise<number> => {
    const count = read(piece);
    return count instanceof Promise ? count.then(advance) : advance(count);
  };
  return {
    read(buffer) {
      if (at >= end) {
        close();
        return 0;
      }
      const piece = buffer.subarray(0, Math.min(buffer.length, end - at));
      const isLast = at + piece.length >= end;
      return isLast && verdict !== undefined
        ? verdict.then(() => next(piece))
        : next(piece);
    },
    close,
  };
}

type Read = (piece: Uint8Array) => number | null | Promise<number | null>;

/**
 * Reads at once what the system has in memory: a way over another thread takes longer than the
 * copy. A disk that has to be waited for is left to that thread for a while.
 */
function cachedReader(file: Deno.FsFile, now: () => number): Read {
  let offThread = 0;
  return (piece) => {
    if (offThread > 0) {
      offThread--;
      return file.read(piece);
    }
    const startMs = now();
    const count = file.readSync(piece);
    if (now() - startMs > CACHED_READ_MS) offThread = READS_OFF_THREAD;
    return count;
  };
}
