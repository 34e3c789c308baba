import { registryError } from "../registry_error_document.ts";
import type { BufferPool } from "./buffer_pool.ts";
import type { Connection } from "./connection.ts";
import { parseRequestHead, type RequestHead } from "./request_head.ts";
import { writeResponse, type WriteResponseOptions } from "./write_response.ts";

/** What a handler is told besides the request. */
export interface RequestContext {
  /** Aborts when the client goes, or the server's patience ends. */
  readonly signal: AbortSignal;
}

/** Answers a request; must not throw. */
export type ServerHandler = (
  request: Request,
  context: RequestContext,
) => Promise<Response>;

/** One answered request, for a log. */
export interface Exchange {
  /** As it came, `GET` mostly. */
  readonly method: string;
  /** Path and query as they came: untrusted. */
  readonly target: string;
  /** That the answer had. */
  readonly status: number;
  /** Of the body. */
  readonly bytes: number;
  /** From the request's head to the answer's end. */
  readonly durationMs: number;
  /** The client's address. */
  readonly remote: string;
  /** As it came; untrusted. */
  readonly userAgent?: string;
  /** False where the client went away, or the answer broke off. */
  readonly isWhole: boolean;
}

/** What the connections of a server share. */
export interface ConnectionContext {
  readonly handler: ServerHandler;
  readonly buffers: BufferPool;
  /** Whether connections are to end after their answer. */
  readonly isStopping: () => boolean;
  readonly onRequest: () => void;
  readonly onExchange: (exchange: Exchange) => void;
  /** Told why an answer broke off, where it was not the client. */
  readonly onError: (error: unknown) => void;
  readonly now: () => number;
}

/** Serves one request after another, until either side ends; never rejects. */
export async function serveConnection(
  connection: Connection,
  context: ConnectionContext,
): Promise<void> {
  try {
    while (!context.isStopping()) {
      connection.enter("idle");
      const head = await readRequest(connection, context);
      if (head === undefined) return;
      if (await answer(connection, head, context)) continue;
      if (head.hasBody) await connection.linger();
      return;
    }
  } catch {
    // Of reading alone: the client went without a word, or its time was up.
  } finally {
    connection.close();
  }
}

async function readRequest(
  connection: Connection,
  { buffers }: ConnectionContext,
): Promise<RequestHead | undefined> {
  const text = await connection.readHead();
  if (text === undefined) return undefined;
  const head = typeof text === "string" ? parseRequestHead(text) : text;
  if (!("status" in head)) return head;
  const body = new TextEncoder().encode(`${head.reason}\n`);
  const headers = { "Content-Type": "text/plain" };
  const response = new Response(body, { status: head.status, headers });
  await writeResponse(connection, response, {
    isHead: false,
    keepsAlive: false,
    signal: new AbortController().signal,
    buffers,
    onBytes: () => {},
  });
  await connection.linger();
  return undefined;
}

/** Whether the connection may go on. */
async function answer(
  connection: Connection,
  head: RequestHead,
  context: ConnectionContext,
): Promise<boolean> {
  const { now, handler, onExchange, onRequest } = context;
  const { method, url, headers } = head;
  const startMs = now();
  const left = new AbortController();
  connection.enter("handling");
  onRequest();
  watch(connection, left);
  let bytes = 0;
  const request = new Request(url, { method, headers });
  const response = await handler(request, { signal: left.signal });
  const keepsAlive = head.keepsAlive && !context.isStopping();
  const sent = await send(connection, response, context, {
    isHead: method === "HEAD",
    keepsAlive,
    signal: left.signal,
    buffers: context.buffers,
    onBytes: (count: number) => void (bytes += count),
  });
  left.abort();
  const userAgent = headers.get("user-agent");
  onExchange({
    method,
    target: url.pathname + url.search,
    status: sent.status,
    bytes,
    durationMs: now() - startMs,
    remote: connection.remote,
    ...userAgent === null ? {} : { userAgent },
    isWhole: sent.isWhole,
  });
  return sent.keepsAlive;
}

/** A client that ends its side has gone: nobody would read the answer. */
function watch(connection: Connection, left: AbortController): void {
  const leave = (): void =>
    left.abort(new DOMException("The client went away", "AbortError"));
  // Reading tells nothing any more once the next request has come.
  connection.onClose(leave);
  connection.isLeft().then((isLeft) => isLeft && leave(), leave);
}

/** What became of an answer. */
interface Sent {
  /** That the client got: another one than was meant, where it could still be told of a failure. */
  readonly status: number;
  readonly isWhole: boolean;
  /** Whether the connection may go on. */
  readonly keepsAlive: boolean;
}

async function send(
  connection: Connection,
  response: Response,
  context: ConnectionContext,
  options: WriteResponseOptions,
): Promise<Sent> {
  const before = connection.bytesWritten;
  const { status } = response;
  try {
    await writeResponse(connection, response, options);
    return { status, isWhole: true, keepsAlive: options.keepsAlive };
  } catch (error) {
    await response.body?.cancel().catch(() => {});
    const brokenOff = { status, isWhole: false, keepsAlive: false };
    if (
      isOfConnection(error) || connection.isClosed || options.signal.aborted
    ) {
      return brokenOff;
    }
    context.onError(error);
    if (connection.bytesWritten !== before) return brokenOff;
    // Nothing went out yet: the client can be told instead of left alone.
    return await sendFailure(connection, options).catch(() => brokenOff);
  }
}

async function sendFailure(
  connection: Connection,
  options: WriteResponseOptions,
): Promise<Sent> {
  const failure = registryError("UNKNOWN", "the registry failed");
  const last = { ...options, keepsAlive: false };
  await writeResponse(connection, failure, last);
  return { status: failure.status, isWhole: true, keepsAlive: false };
}

function isOfConnection(error: unknown): boolean {
  return error instanceof Deno.errors.BrokenPipe ||
    error instanceof Deno.errors.ConnectionReset ||
    error instanceof Deno.errors.ConnectionAborted ||
    error instanceof Deno.errors.BadResource ||
    error instanceof Deno.errors.Interrupted;
}
