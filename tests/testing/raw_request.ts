/** A request as the other side really received it. */
export interface RecordedRequest {
  /** Counts from 0 over the server's life. */
  readonly index: number;
  readonly method: string;
  /** As on the request line: path and query. */
  readonly target: string;
  /** Without the query, still percent-encoded. */
  readonly path: string;
  readonly query: URLSearchParams;
  readonly headers: Headers;
  readonly body: string;
  /** Counts TCP connections from 1. */
  readonly connection: number;
  /** The client's port: another way to tell connections apart. */
  readonly remotePort: number;
  /** What was answered; 0 as long as nothing was. */
  status: number;
  /** Body bytes handed to the kernel. */
  bytesSent: number;
  /** Whether the exchange is over, well or not. */
  ended: boolean;
}

const HEAD_LIMIT_BYTES = 256 * 1024;
const decoder = new TextDecoder();

/** Reads HTTP/1.1 requests from one connection, one after another. */
export class RequestReader {
  readonly #conn: Deno.Conn;
  readonly #gone = new AbortController();
  readonly #pumping: Promise<void>;
  #pending: Uint8Array = new Uint8Array(0);
  #arrived = Promise.withResolvers<void>();

  constructor(conn: Deno.Conn) {
    this.#conn = conn;
    this.#pumping = this.#pump();
  }

  /** Aborts when the client closes its side, also in the middle of an answer. */
  get gone(): AbortSignal {
    return this.#gone.signal;
  }

  /** The next request's parts, or undefined at the end of the connection. */
  async next(): Promise<
    Pick<RecordedRequest, "method" | "target" | "headers" | "body"> | undefined
  > {
    let end = findHeadEnd(this.#pending);
    while (end < 0) {
      if (this.#pending.length > HEAD_LIMIT_BYTES) return undefined;
      if (!(await this.#more())) return undefined;
      end = findHeadEnd(this.#pending);
    }
    const lines = decoder.decode(this.#pending.subarray(0, end)).split("\r\n");
    this.#pending = this.#pending.slice(end + 4);
    const [method = "", target = ""] = (lines.shift() ?? "").split(" ");
    const headers = new Headers();
    for (const line of lines) {
      const colon = line.indexOf(":");
      headers.append(line.slice(0, colon), line.slice(colon + 1).trim());
    }
    const body = await this.#take(Number(headers.get("content-length") ?? "0"));
    return { method, target, headers, body: decoder.decode(body) };
  }

  /** Resolves when the connection is closed and nothing reads from it any more. */
  async finished(): Promise<void> {
    await this.#pumping;
  }

  async #take(size: number): Promise<Uint8Array> {
    while (this.#pending.length < size && await this.#more());
    const taken = this.#pending.slice(0, size);
    this.#pending = this.#pending.slice(size);
    return taken;
  }

  /** Waits for more bytes; false at the end. */
  async #more(): Promise<boolean> {
    if (this.#gone.signal.aborted) return false;
    await this.#arrived.promise;
    return !this.#gone.signal.aborted;
  }

  /** Reads all the time, so that a client that goes while an answer stalls is seen. */
  async #pump(): Promise<void> {
    const buffer = new Uint8Array(16 * 1024);
    while (true) {
      const count = await this.#conn.read(buffer).catch(() => null);
      if (count === null) break;
      const joined = new Uint8Array(this.#pending.length + count);
      joined.set(this.#pending);
      joined.set(buffer.subarray(0, count), this.#pending.length);
      this.#pending = joined;
      this.#arrived.resolve();
      this.#arrived = Promise.withResolvers<void>();
    }
    this.#gone.abort(new Error("the client is gone"));
    this.#arrived.resolve();
  }
}

function findHeadEnd(bytes: Uint8Array): number {
  for (let at = 0; at + 3 < bytes.length; at++) {
    if (
      bytes[at] === 13 && bytes[at + 1] === 10 && bytes[at + 2] === 13 &&
      bytes[at + 3] === 10
    ) return at;
  }
  return -1;
}
