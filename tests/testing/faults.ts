import { gzipSync } from "node:zlib";
import type { RecordedRequest } from "./raw_request.ts";
import { type RawResponse, rawResponse } from "./raw_response.ts";

/** Changes one answer. Faults compose: `[throttle(1000), cutAfter(500)]` in rules that both match. */
export type Fault = (
  response: RawResponse,
  request: RecordedRequest,
) => RawResponse | Promise<RawResponse>;

/** When a fault strikes. */
export interface FaultRule {
  /** Of method and target (`GET /v2/a/blobs/sha256:…`) where it is a pattern. */
  readonly match:
    | RegExp
    | ((request: RecordedRequest, response: RawResponse) => boolean);
  readonly fault: Fault;
  /** How many requests it strikes. Default: every one. */
  readonly times?: number;
  /** How many matching requests go by before. Default: 0. */
  readonly skip?: number;
  /** Strikes each n-th matching request only. Default: 1. */
  readonly every?: number;
}

/** Blob content, at the registry or the CDN; not the redirect from one to the other. */
export function BLOBS(
  request: RecordedRequest,
  response: RawResponse,
): boolean {
  return request.method === "GET" && response.status < 300 &&
    /\/(blobs|cdn)\//.test(request.path);
}
/** Manifest requests, HEAD too. */
export const MANIFESTS = /^\w+ \S*\/manifests\//;
/** Token requests. */
export const TOKENS = /^\w+ \/token/;

/** Rules with their counts; applied in order. */
export class FaultList {
  readonly #rules: {
    readonly rule: FaultRule;
    seen: number;
    struck: number;
  }[] = [];

  add(...rules: readonly FaultRule[]): void {
    for (const rule of rules) this.#rules.push({ rule, seen: 0, struck: 0 });
  }

  clear(): void {
    this.#rules.length = 0;
  }

  async apply(
    response: RawResponse,
    request: RecordedRequest,
  ): Promise<RawResponse> {
    const hits = this.#rules.filter((entry) =>
      strikes(entry, request, response)
    );
    let changed = response;
    for (const { rule } of hits) changed = await rule.fault(changed, request);
    return changed;
  }
}

function strikes(
  entry: { readonly rule: FaultRule; seen: number; struck: number },
  request: RecordedRequest,
  response: RawResponse,
): boolean {
  const { match, skip = 0, times = Infinity, every = 1 } = entry.rule;
  const matches = match instanceof RegExp
    ? match.test(`${request.method} ${request.target}`)
    : match(request, response);
  if (!matches) return false;
  const position = entry.seen++ - skip;
  if (position < 0 || position % every !== every - 1 || entry.struck >= times) {
    return false;
  }
  entry.struck++;
  return true;
}

/** Answers with this status instead; the body default is an OCI error document. */
export function answerStatus(
  status: number,
  headers: Readonly<Record<string, string>> = {},
  body?: string | Uint8Array,
): Fault {
  const text = JSON.stringify({
    errors: [{ code: "FAULT", message: `injected ${status}` }],
  });
  return () =>
    rawResponse(
      status,
      { "Content-Type": "application/json", ...headers },
      body ?? text,
    );
}

/** Answers 429 with this `Retry-After`, as it stands. */
export function rateLimit(retryAfter?: string): Fault {
  return answerStatus(
    429,
    retryAfter === undefined ? {} : { "Retry-After": retryAfter },
  );
}

/** Waits before the head; Infinity never answers. */
export function delayHead(ms: number): Fault {
  return (response) => ({ ...response, delayMs: ms });
}

/** Closes the connection instead of answering. */
export function hangUp(): Fault {
  return (response) => ({ ...response, hangUp: true });
}

/** Cuts the connection after so many body bytes. */
export function cutAfter(bytes: number): Fault {
  return (response) => ({ ...response, cutAfter: bytes });
}

/** Sends so many body bytes and then nothing, with the connection open. */
export function stallAfter(bytes: number): Fault {
  return (response) => ({ ...response, stallAfter: bytes });
}

/** Limits the rate of the body, per connection. */
export function throttle(bytesPerSecond: number): Fault {
  return (response) => ({ ...response, bytesPerSecond });
}

/** Flips one bit at this offset of the content (not of the range), where the answer covers it. */
export function flipByte(offset: number): Fault {
  return (response) => {
    const at = offset - (response.offset ?? 0);
    const before = response.body[at];
    if (before === undefined) return response;
    const body = response.body.slice();
    body[at] = before ^ 1;
    return { ...response, body };
  };
}

/** Appends bytes; the Content-Length counts them. */
export function extraBytes(count: number): Fault {
  return (response) => {
    const body = new Uint8Array(response.body.length + count);
    body.set(response.body);
    return { ...response, body };
  };
}

/** Leaves bytes off the end; the Content-Length agrees with what is sent. */
export function dropBytes(count: number): Fault {
  return (response) => ({ ...response, body: response.body.slice(0, -count) });
}

/** The body's bytes again and again, without a Content-Length. */
export function endlessBody(): Fault {
  return (response) => ({ ...response, endless: true, framing: "chunked" });
}

/** Header lines for ever. */
export function endlessHead(): Fault {
  return (response) => ({ ...response, endlessHead: true });
}

/** Claims this Content-Length, whatever the body is. */
export function claimLength(length: number | string): Fault {
  return (response) => ({ ...response, claimedLength: length });
}

/** Sends the body chunked, without its length. */
export function chunked(): Fault {
  return (response) => ({ ...response, framing: "chunked" });
}

/** Sends the body up to the connection's end, without its length. */
export function untilClose(): Fault {
  return (response) => ({ ...response, framing: "close" });
}

/** Sets headers; undefined removes one. Names as the fake writes them. */
export function setHeaders(
  changes: Readonly<Record<string, string | undefined>>,
): Fault {
  return (response) => {
    const headers: Record<string, string> = {};
    const gone = new Set(
      Object.keys(changes).map((name) => name.toLowerCase()),
    );
    for (const [name, value] of Object.entries(response.headers)) {
      if (!gone.has(name.toLowerCase())) headers[name] = value;
    }
    for (const [name, value] of Object.entries(changes)) {
      if (value !== undefined) headers[name] = value;
    }
    return { ...response, headers };
  };
}

/** Another ETag on every answer. */
export function changingEtag(): Fault {
  let count = 0;
  return (response, request) =>
    setHeaders({ ETag: `"changed-${count++}"` })(response, request);
}

/** Answers 200 with the whole content to a range. */
export function ignoreRange(): Fault {
  return (response, request) => {
    if (response.status !== 206 || response.whole === undefined) {
      return response;
    }
    const { whole, offset: _offset, ...rest } = response;
    const full = { ...rest, status: 200, body: whole, whole };
    return setHeaders({
      "Content-Range": undefined,
      "Accept-Ranges": undefined,
    })(full, request);
  };
}

/** Claims another Content-Range in a 206; the body is what was asked for. */
export function claimRange(value: string | undefined): Fault {
  return (response, request) =>
    response.status === 206
      ? setHeaders({ "Content-Range": value })(response, request)
      : response;
}

/** Sends a 206 that starts elsewhere, and says so: `bytes` later than asked for. */
export function shiftRange(bytes: number): Fault {
  return (response, request) => {
    if (response.status !== 206 || response.whole === undefined) {
      return response;
    }
    const start = (response.offset ?? 0) + bytes;
    const body = response.whole.slice(start, start + response.body.length);
    const range = `bytes ${start}-${
      start + body.length - 1
    }/${response.whole.length}`;
    return setHeaders({ "Content-Range": range })({
      ...response,
      body,
      offset: start,
    }, request);
  };
}

/** Wraps a 206 as `multipart/byteranges`. */
export function multipartRange(): Fault {
  return (response, request) => {
    if (response.status !== 206) return response;
    const head = `--cut\r\nContent-Range: ${
      response.headers["Content-Range"]
    }\r\n\r\n`;
    const text = new TextEncoder();
    const body = Uint8Array.from([
      ...text.encode(head),
      ...response.body,
      ...text.encode("\r\n--cut--\r\n"),
    ]);
    const changes = {
      "Content-Range": undefined,
      "Content-Type": "multipart/byteranges; boundary=cut",
    };
    return setHeaders(changes)({ ...response, body }, request);
  };
}

/** Compresses the body and says `Content-Encoding: gzip`, asked for or not. */
export function gzipEncoding(): Fault {
  return (response, request) =>
    setHeaders({ "Content-Encoding": "gzip" })(
      { ...response, body: new Uint8Array(gzipSync(response.body)) },
      request,
    );
}

/** Redirects, by default with 307, to a URL or to what a function of the request says. */
export function redirectTo(
  location: string | ((request: RecordedRequest) => string),
  status = 307,
): Fault {
  return (_response, request) =>
    rawResponse(status, {
      Location: typeof location === "string" ? location : location(request),
    });
}

/** Writes these bytes in place of HTTP and closes. */
export function rawAnswer(bytes: Uint8Array | string): Fault {
  const raw = typeof bytes === "string"
    ? new TextEncoder().encode(bytes)
    : bytes;
  return (response) => ({ ...response, raw });
}

/** Replaces the body; status and headers stay. */
export function replaceBody(body: Uint8Array | string): Fault {
  const bytes = typeof body === "string"
    ? new TextEncoder().encode(body)
    : body;
  return (response) => ({ ...response, body: bytes });
}
