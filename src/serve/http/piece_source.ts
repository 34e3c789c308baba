/** Content that is read piece by piece, into a buffer of the reader's. */
export interface PieceSource {
  /** Fills a buffer, or a part of it; 0 at the end. */
  read(buffer: Uint8Array): number | Promise<number>;
  /** Ends it; a second time does nothing. */
  close(): void;
}

const PIECES = Symbol("pieces");

/**
 * A stream that a server of ours reads past: straight from its source, which takes two thirds of
 * the time. Only one of the two may be read.
 */
export function withPieces(
  stream: ReadableStream<Uint8Array<ArrayBuffer>>,
  pieces: PieceSource,
): ReadableStream<Uint8Array<ArrayBuffer>> {
  return Object.assign(stream, { [PIECES]: pieces });
}

/** The source behind a stream, where it has one. */
export function findPieces(stream: ReadableStream): PieceSource | undefined {
  // Sound: only withPieces knows the symbol.
  return (stream as { readonly [PIECES]?: PieceSource })[PIECES];
}
