/** What a request begins with (RFC 9112), as far as a server without bodies needs it. */
export interface RequestHead {
  readonly method: string;
  readonly url: URL;
  readonly headers: Headers;
  /** Whether a body follows, which is of no use here and is not read. */
  readonly hasBody: boolean;
  /** Whether the connection may serve another request afterwards. */
  readonly keepsAlive: boolean;
}

/** A head that is refused: 400, 431 and the like, after which the connection ends. */
export interface HeadFault {
  readonly status: number;
  readonly reason: string;
}

/** Longest head, in bytes: the longest names, a token, and room. */
export const MAX_HEAD_BYTES = 32 * 1024;
const MAX_HEADERS = 100;
const REQUEST_LINE =
  /^([!#$%&'*+.^_`|~\w-]{1,32}) (\S{1,8192}) HTTP\/1\.([01])$/;
/** No `Request` can have them. */
const FORBIDDEN_METHOD = /^(?:CONNECT|TRACE|TRACK)$/i;
const HEADER_LINE = /^([!#$%&'*+.^_`|~\w-]+):[ \t]*([^\0\r\n]*?)[ \t]*$/;

/**
 * Parses a request's head, strictly: what two readers could take for different things is refused.
 *
 * @param text As latin1, without the empty line at its end.
 */
export function parseRequestHead(text: string): RequestHead | HeadFault {
  const [first = "", ...lines] = text.split("\r\n");
  const match = REQUEST_LINE.exec(first);
  if (match === null) return malformed("the request line");
  const [, method = "", target = "", minor] = match;
  if (FORBIDDEN_METHOD.test(method)) {
    return { status: 501, reason: "the method is not implemented" };
  }
  if (lines.length > MAX_HEADERS) {
    return { status: 431, reason: "too many headers" };
  }
  const headers = parseHeaders(lines);
  if (headers === undefined) return malformed("a header");
  const url = parseTarget(target);
  if (url === undefined) return malformed("the target");
  const hosts = lines.filter((line) => /^host:/i.test(line)).length;
  if (hosts > 1 || (hosts === 0 && minor === "1")) return malformed("host");
  const wishes = headers.get("connection")?.toLowerCase() ?? "";
  const hasBody = announcesBody(headers);
  // What follows on the connection would be the body.
  const keepsAlive = minor === "1" && !/\bclose\b/.test(wishes) && !hasBody;
  return { method, url, headers, hasBody, keepsAlive };
}

function parseHeaders(lines: readonly string[]): Headers | undefined {
  const headers = new Headers();
  for (const line of lines) {
    const [, name, value] = HEADER_LINE.exec(line) ?? [];
    if (name === undefined || value === undefined) return undefined;
    headers.append(name, value);
  }
  return headers;
}

/** Whom the client thinks it talks to is of no matter: the host is never used. */
function parseTarget(target: string): URL | undefined {
  const path = target.replace(/^https?:\/\/[^/?#]*/i, "");
  return path.startsWith("/")
    ? URL.parse(`http://registry${path}`) ?? undefined
    : undefined;
}

function announcesBody(headers: Headers): boolean {
  const length = headers.get("content-length");
  return headers.has("transfer-encoding") ||
    (length !== null && length !== "0");
}

function malformed(what: string): HeadFault {
  return { status: 400, reason: `${what} is malformed` };
}
