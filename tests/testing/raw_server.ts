import { type RecordedRequest, RequestReader } from "./raw_request.ts";
import { type RawResponse, sendResponse } from "./raw_response.ts";

/** Answers one request. */
export type RawHandler = (
  request: RecordedRequest,
) => RawResponse | Promise<RawResponse>;

/** Options of {@linkcode startRawServer}. */
export interface RawServerOptions {
  /** Speaks TLS with this certificate and key, PEM. */
  readonly tls?: { readonly cert: string; readonly key: string };
  /** Default: 127.0.0.1. */
  readonly hostname?: string;
  /** Default: 0, a free one. */
  readonly port?: number;
}

/**
 * A small HTTP/1.1 server on plain TCP, since faults have to be true on the wire:
 * a body shorter than its Content-Length, garbage, a head that never ends.
 */
export interface RawServer extends AsyncDisposable {
  /** `127.0.0.1:PORT`. */
  readonly host: string;
  readonly port: number;
  /** `http://127.0.0.1:PORT`. */
  readonly url: string;
  /** Everything received, in order of arrival. */
  readonly requests: readonly RecordedRequest[];
  /** TCP connections accepted so far. */
  readonly connections: number;
  /** The most requests that were in flight at one time. */
  readonly peakInFlight: number;
  /** Forgets what was recorded. */
  clear(): void;
  /** Cuts every connection; new ones are welcome. */
  cutConnections(): void;
}

/** Starts a server that answers with `handler`. */
export function startRawServer(
  handler: RawHandler,
  options: RawServerOptions = {},
): RawServer {
  const { hostname = "127.0.0.1", port = 0, tls } = options;
  const listener = tls === undefined
    ? Deno.listen({ hostname, port })
    : Deno.listenTls({ hostname, port, ...tls });
  return new Server(listener, handler, tls === undefined ? "http" : "https");
}

class Server implements RawServer {
  readonly port: number;
  readonly host: string;
  readonly url: string;
  readonly requests: RecordedRequest[] = [];
  connections = 0;
  peakInFlight = 0;
  readonly #listener: Deno.Listener;
  readonly #handler: RawHandler;
  readonly #open = new Set<Deno.Conn>();
  readonly #tasks = new Set<Promise<void>>();
  readonly #stop = new AbortController();
  readonly #accepting: Promise<void>;
  #inFlight = 0;
  #index = 0;

  constructor(listener: Deno.Listener, handler: RawHandler, scheme: string) {
    const address = listener.addr as Deno.NetAddr; // TCP listeners have network addresses
    this.port = address.port;
    this.host = `${address.hostname}:${address.port}`;
    this.url = `${scheme}://${this.host}`;
    this.#listener = listener;
    this.#handler = handler;
    this.#accepting = this.#accept();
  }

  clear(): void {
    this.requests.length = 0;
    this.connections = 0;
    this.peakInFlight = 0;
  }

  cutConnections(): void {
    for (const conn of this.#open) closeQuietly(conn);
    this.#open.clear();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#stop.signal.aborted) return;
    this.#stop.abort(new Error("the fake server is gone"));
    this.#listener.close();
    this.cutConnections();
    await this.#accepting;
    await Promise.all(this.#tasks);
  }

  async #accept(): Promise<void> {
    while (!this.#stop.signal.aborted) {
      try {
        const conn = await this.#listener.accept();
        const task = this.#serve(conn, ++this.connections).finally(() =>
          this.#tasks.delete(task)
        );
        this.#tasks.add(task);
      } catch {
        // A failed TLS handshake ends one accept; a closed listener ends the loop by the signal.
      }
    }
  }

  async #serve(conn: Deno.Conn, connection: number): Promise<void> {
    this.#open.add(conn);
    if ("setNoDelay" in conn && typeof conn.setNoDelay === "function") {
      conn.setNoDelay(true);
    }
    const reader = new RequestReader(conn);
    const remotePort = (conn.remoteAddr as Deno.NetAddr).port; // TCP, as above
    try {
      let more = true;
      while (more) {
        const parts = await reader.next();
        if (parts === undefined) break;
        const url = new URL(parts.target, "http://fake");
        const path = parts.target.split("?", 1)[0] ?? "";
        const request: RecordedRequest = {
          index: this.#index++,
          ...parts,
          path,
          query: url.searchParams,
          connection,
          remotePort,
          status: 0,
          bytesSent: 0,
          ended: false,
        };
        this.requests.push(request);
        more = await this.#answer(conn, reader, request);
      }
    } catch {
      // The client went, or the server was disposed: both are what tests do on purpose.
    } finally {
      this.#open.delete(conn);
      closeQuietly(conn);
      await reader.finished();
    }
  }

  async #answer(
    conn: Deno.Conn,
    reader: RequestReader,
    request: RecordedRequest,
  ): Promise<boolean> {
    this.peakInFlight = Math.max(this.peakInFlight, ++this.#inFlight);
    const signal = AbortSignal.any([this.#stop.signal, reader.gone]);
    try {
      return await sendResponse(
        { conn, signal },
        request,
        await this.#handler(request),
      );
    } finally {
      request.ended = true;
      this.#inFlight--;
    }
  }
}

function closeQuietly(conn: Deno.Conn): void {
  try {
    conn.close();
  } catch {
    // It was closed by the other path already.
  }
}
