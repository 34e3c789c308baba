import type { BufferPool } from "./buffer_pool.ts";
import type { Connection } from "./connection.ts";
import { findPieces, type PieceSource } from "./piece_source.ts";

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
const PIECE_BYTES = 256 * 1024;
const REASONS: Readonly<Record<number, string>> = {
  200: "OK",
  206: "Partial Content",
  304: "Not Modified",
  400: "Bad Request",
  403: "Forbidden",
  404: "Not Found",
  405: "Method Not Allowed",
  416: "Range Not Satisfiable",
  429: "Too Many Requests",
  431: "Request Header Fields Too Large",
  500: "Internal Server Error",
  501: "Not Implemented",
  503: "Service Unavailable",
};
const encoder = new TextEncoder();

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

function encodeHead(
  { status, headers }: Response,
  length: number | undefined,
  { keepsAlive }: Pick<WriteResponseOptions, "keepsAlive">,
): Uint8Array {
  const lines = [`HTTP/1.1 ${status} ${REASONS[status] ?? ""}`];
  for (const [name, value] of headers) {
    if (name !== "content-length") lines.push(`${name}: ${value}`);
  }
  const hasLength = length !== undefined && status !== 304;
  if (hasLength) lines.push(`content-length: ${length}`);
  lines.push(`date: ${new Date().toUTCString()}`);
  lines.push(`connection: ${keepsAlive ? "keep-alive" : "close"}`, "", "");
  return encoder.encode(lines.join("\r\n"));
}

async function readSmall(
  body: ReadableStream<Uint8Array>,
  maxBytes: number,
  signal: AbortSignal,
): Promise<Uint8Array> {
  await using pieces = readPieces(body, signal);
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
  await using pieces = readPieces(body, signal);
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

interface Pieces extends AsyncDisposable {
  /** The next; valid until the one after it. Undefined at the end. */
  next(): Promise<Uint8Array | undefined>;
}

/** Reads a body, into one buffer where it can be; the signal is an end of it. */
function readPieces(
  body: ReadableStream<Uint8Array>,
  signal: AbortSignal,
): Pieces {
  const byob = findByobReader(body);
  const plain = byob === undefined ? body.getReader() : undefined;
  const cancel = async (): Promise<void> => {
    // That it failed, or is at its end already, is known by then.
    await Promise.allSettled([byob?.cancel(), plain?.cancel()]);
  };
  const end = (): void => void cancel();
  signal.addEventListener("abort", end);
  if (signal.aborted) end();
  return {
    next: byob === undefined ? nextOf(plain) : nextInto(byob),
    async [Symbol.asyncDispose]() {
      signal.removeEventListener("abort", end);
      await cancel();
    },
  };
}

function findByobReader(
  body: ReadableStream<Uint8Array>,
): ReadableStreamBYOBReader | undefined {
  try {
    return body.getReader({ mode: "byob" });
  } catch (error) {
    // A stream that is none of bytes.
    if (error instanceof TypeError) return undefined;
    throw error;
  }
}

function nextInto(reader: ReadableStreamBYOBReader): Pieces["next"] {
  let buffer = new ArrayBuffer(PIECE_BYTES);
  return async () => {
    const { done, value } = await reader.read(new Uint8Array(buffer));
    if (value !== undefined) buffer = value.buffer;
    return done ? undefined : value;
  };
}

function nextOf(
  reader: ReadableStreamDefaultReader<Uint8Array> | undefined,
): Pieces["next"] {
  return async () => (await reader?.read())?.value;
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
