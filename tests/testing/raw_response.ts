import { delay } from "./delay.ts";
import type { RecordedRequest } from "./raw_request.ts";

/** An answer and how it goes over the wire. Faults are functions that change one of these. */
export interface RawResponse {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Uint8Array;
  /** Where `body` starts in the content that `whole` is; 0 but for ranges. */
  readonly offset?: number;
  /** The whole content that `body` is a part of. */
  readonly whole?: Uint8Array;
  /** `length`: right Content-Length (default). `chunked`. `close`: neither, ends with the connection. */
  readonly framing?: "length" | "chunked" | "close";
  /** Content-Length to claim instead of the right one. */
  readonly claimedLength?: number | string;
  /** Waits so long before the head. Infinity: for ever. */
  readonly delayMs?: number;
  /** Body bytes after which the connection is cut (0: after the head). */
  readonly cutAfter?: number;
  /** Body bytes after which nothing more comes, with the connection open. */
  readonly stallAfter?: number;
  readonly bytesPerSecond?: number;
  /** Closes the connection before the head. */
  readonly hangUp?: boolean;
  /** After the body, its bytes again and again until the client goes. */
  readonly endless?: boolean;
  /** Header lines for ever. */
  readonly endlessHead?: boolean;
  /** Written in place of any HTTP; then the connection closes. */
  readonly raw?: Uint8Array;
  /** Closes the connection after an answer that is otherwise right, and says so. */
  readonly lastOfConnection?: boolean;
}

/** Where a response is written to. */
export interface Wire {
  readonly conn: Deno.Conn;
  /** Aborts when the server is disposed or the client goes. */
  readonly signal: AbortSignal;
}

const PIECE_BYTES = 256 * 1024;
const encoder = new TextEncoder();
const CRLF = encoder.encode("\r\n");

/** Makes a response with nothing odd about it. */
export function rawResponse(
  status: number,
  headers: Readonly<Record<string, string>> = {},
  body: Uint8Array | string = "",
): RawResponse {
  return {
    status,
    headers,
    body: typeof body === "string" ? encoder.encode(body) : body,
  };
}

/** Writes one response; resolves to whether the connection can carry another. */
export async function sendResponse(
  wire: Wire,
  request: RecordedRequest,
  response: RawResponse,
): Promise<boolean> {
  if (response.delayMs !== undefined) {
    await delay(response.delayMs, wire.signal);
  }
  if (response.hangUp === true) return false;
  if (response.raw !== undefined) {
    await writeAll(wire, response.raw);
    return false;
  }
  request.status = response.status;
  const head = encoder.encode(headText(response));
  if (response.endlessHead === true) return await sendEndlessHead(wire, head);
  if (request.method === "HEAD" || response.status === 304) {
    await writeAll(wire, head, CRLF);
  } else if (!(await sendBody(wire, request, response, head))) return false;
  return response.framing !== "close" && response.lastOfConnection !== true &&
    response.claimedLength === undefined;
}

function headText(response: RawResponse): string {
  const framing = response.framing ?? "length";
  const lines = [`HTTP/1.1 ${response.status} Status`];
  for (const [name, value] of Object.entries(response.headers)) {
    lines.push(`${name}: ${value}`);
  }
  if (framing === "chunked") lines.push("Transfer-Encoding: chunked");
  if (framing === "length") {
    lines.push(
      `Content-Length: ${response.claimedLength ?? response.body.length}`,
    );
  }
  if (framing === "close" || response.lastOfConnection === true) {
    lines.push("Connection: close");
  }
  return lines.join("\r\n") + "\r\n";
}

/** Sends head and body; resolves to false when the connection has to close. */
async function sendBody(
  wire: Wire,
  request: RecordedRequest,
  response: RawResponse,
  head: Uint8Array,
): Promise<boolean> {
  const { body, endless = false, framing } = response;
  const limit = Math.min(
    response.cutAfter ?? Infinity,
    response.stallAfter ?? Infinity,
  );
  const end = endless ? limit : Math.min(limit, body.length);
  const pieceBytes = pieceSize(response.bytesPerSecond);
  let before = [head, CRLF];
  let sent = 0;
  while (sent < end) {
    const from = body.length === 0 ? 0 : sent % body.length;
    const piece = body.subarray(
      from,
      Math.min(from + pieceBytes, from + end - sent),
    );
    if (piece.length === 0) {
      throw new RangeError("an endless body needs bytes to repeat");
    }
    await writeAll(wire, ...before, ...frame(piece, framing));
    before = [];
    sent += piece.length;
    request.bytesSent += piece.length;
    if (response.bytesPerSecond !== undefined) {
      await delay(1000 * piece.length / response.bytesPerSecond, wire.signal);
    }
  }
  await writeAll(wire, ...before);
  if (response.stallAfter !== undefined && sent >= response.stallAfter) {
    await delay(Infinity, wire.signal);
  }
  if (response.cutAfter !== undefined && sent >= response.cutAfter) {
    return false;
  }
  if (framing === "chunked") await writeAll(wire, encoder.encode("0\r\n\r\n"));
  return true;
}

/** Ten pieces a second where the rate is limited. */
function pieceSize(bytesPerSecond: number | undefined): number {
  if (bytesPerSecond === undefined) return PIECE_BYTES;
  return Math.max(1, Math.min(PIECE_BYTES, Math.floor(bytesPerSecond / 10)));
}

function frame(
  piece: Uint8Array,
  framing: RawResponse["framing"],
): readonly Uint8Array[] {
  if (framing !== "chunked") return [piece];
  return [encoder.encode(`${piece.length.toString(16)}\r\n`), piece, CRLF];
}

async function sendEndlessHead(wire: Wire, head: Uint8Array): Promise<boolean> {
  await writeAll(wire, head);
  const line = encoder.encode(`X-Filler: ${"f".repeat(4000)}\r\n`);
  while (!wire.signal.aborted) await writeAll(wire, line);
  return false;
}

/** Joins small parts: separate writes would wait for each other's acknowledgement (Nagle). */
async function writeAll(
  wire: Wire,
  ...parts: readonly Uint8Array[]
): Promise<void> {
  wire.signal.throwIfAborted();
  const [first = CRLF.subarray(2)] = parts;
  const bytes = parts.length <= 1 ? first : joinBytes(parts);
  for (let at = 0; at < bytes.length;) {
    at += await wire.conn.write(bytes.subarray(at));
  }
}

function joinBytes(parts: readonly Uint8Array[]): Uint8Array {
  const joined = new Uint8Array(
    parts.reduce((sum, part) => sum + part.length, 0),
  );
  let at = 0;
  for (const part of parts) {
    joined.set(part, at);
    at += part.length;
  }
  return joined;
}
