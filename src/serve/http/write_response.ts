import type { BufferPool } from "./buffer_pool.ts";
import type { Connection } from "./connection.ts";
import { encodeHead } from "./encode_head.ts";
import { findPieces, type PieceSource } from "./piece_source.ts";
import { readBody } from "./read_body.ts";

/** Options of {@linkcode writeResponse}. */
export interface WriteResponseOptions {
  /** Whether the request was a HEAD. */
  readonly isHead: boolean;
  /** Whether the connection takes another request. */
  readonly keepsAlive: boolean;
  /** Ends a body that nobody waits for any more. */
  readonly signal: AbortSignal;
  /** Where buffers are had from. */
  readonly buffers: BufferPool;
  /** Told of bytes of the body that went out. */
  readonly onBytes: (count: number) => void;
}

/** Up to here head and body go out at once. */
const SMALL_BYTES = 64 * 1024;
/** A body without a length is one of our own documents. */
const MAX_UNMEASURED_BYTES = 8 * 2 ** 20;

/**
 * Writes an answer. A body that fails, or is shorter than it said, leaves the answer short, and
 * then the connection has to be closed: that is how the client learns of it.
 *
 * @throws What the body or the connection fails with.
 */
export async function writeResponse(
  connection: Connection,
  response: Response,
  options: WriteResponseOptions,
): Promise<void> {
  const { onBytes } = options;
  const { body } = response;
  const stated = response.headers.get("content-length");
  const length = stated === null ? undefined : Number(stated);
  if (body === null) {
    const none = options.isHead ? undefined : 0;
    await connection.write(encodeHead(response, length ?? none, options));
  } else if (length === undefined || length <= SMALL_BYTES) {
    const bytes = await readSmall(
      body,
      length ?? MAX_UNMEASURED_BYTES,
      options.signal,
    );
    if (length !== undefined && bytes.length !== length) throw cutShort();
    const head = encodeHead(response, bytes.length, options);
    await connection.write(joined(head, bytes));
    onBytes(bytes.length);
  } else {
    await connection.write(encodeHead(response, length, options));
    const pieces = findPieces(body);
    await (pieces === undefined
      ? writeBody(connection, body, length, options)
      : writePieces(connection, pieces, length, options));
  }
}

async function readSmall(
  body: ReadableStream<Uint8Array>,
  maxBytes: number,
  signal: AbortSignal,
): Promise<Uint8Array> {
  await using pieces = readBody(body, signal);
  const parts: Uint8Array[] = [];
  let length = 0;
  for (;;) {
    const piece = await pieces.next();
    if (piece === undefined) return joined(...parts);
    length += piece.length;
    if (length > maxBytes) throw tooLong();
    parts.push(piece.slice());
  }
}

async function writePieces(
  connection: Connection,
  pieces: PieceSource,
  length: number,
  { buffers, onBytes }: WriteResponseOptions,
): Promise<void> {
  try {
    for (let rest = length; rest > 0;) {
      connection.enter("handling");
      const buffer = buffers.take();
      const found = pieces.read(buffer);
      const count = typeof found === "number" ? found : await found;
      if (count === 0) throw cutShort();
      rest -= count;
      if (rest < 0) throw tooLong();
      await connection.write(buffer.subarray(0, count));
      // Not after a failure: the system may still be at it.
      buffers.giveBack(buffer);
      onBytes(count);
    }
  } finally {
    pieces.close();
  }
}

async function writeBody(
  connection: Connection,
  body: ReadableStream<Uint8Array>,
  length: number,
  { signal, onBytes }: WriteResponseOptions,
): Promise<void> {
  await using pieces = readBody(body, signal);
  for (let rest = length; rest > 0;) {
    connection.enter("handling");
    const piece = await pieces.next();
    if (piece === undefined) throw cutShort();
    rest -= piece.length;
    if (rest < 0) throw tooLong();
    await connection.write(piece);
    onBytes(piece.length);
  }
}

function joined(...parts: readonly Uint8Array[]): Uint8Array {
  const length = parts.reduce((sum, part) => sum + part.length, 0);
  const bytes = new Uint8Array(length);
  let at = 0;
  for (const part of parts) {
    bytes.set(part, at);
    at += part.length;
  }
  return bytes;
}

function tooLong(): Error {
  return new RangeError("The body is longer than it said");
}

function cutShort(): Error {
  return new Deno.errors.UnexpectedEof("The body is shorter than it said");
}
