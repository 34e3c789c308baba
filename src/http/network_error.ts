import { OperationError, UnavailableError } from "../errors.ts";

/**
 * What went wrong below HTTP, finer than an error's code; the retry policy decides on it.
 *
 * - `refused` nobody listens there; `lookup` the name server is in trouble;
 * - `unknown-host` there is no such name; `certificate` it wasn't accepted;
 * - `not-tls` the server speaks something else; `handshake` it hung up during it;
 * - `timeout` no connection or no headers in time; `reset` the connection broke;
 * - `proxy` the proxy said no; `proxy-login` it wants to know who asks;
 * - `blocked` the port is one that `fetch` won't use, or Deno lacks a permission.
 */
export type FailureKind = typeof FAILURE_KINDS[number];

const FAILURE_KINDS = [
  "refused",
  "lookup",
  "unknown-host",
  "certificate",
  "not-tls",
  "handshake",
  "timeout",
  "reset",
  "proxy",
  "proxy-login",
  "blocked",
] as const;

interface Pattern {
  readonly kind: FailureKind;
  readonly code: "unreachable" | "tls" | "timeout";
  readonly text: RegExp;
  readonly what: string;
  readonly hint?: string;
}

/** An answer that is no HTTP: no network is at fault, and asking again does not help. */
const MALFORMED = /invalid HTTP header|HPE_INVALID_HEADER/i;

const PROXY_HINT = "check HTTP_PROXY, HTTPS_PROXY and NO_PROXY";
const PROXY_LOGIN_HINT =
  "put the user name and password in its address: http://user:password@proxy.example.com:3128";

/** What a proxy does to all requests, so that the server's own state is not in it. */
const PROXY_KINDS: ReadonlySet<FailureKind> = new Set([
  "refused",
  "lookup",
  "unknown-host",
  "proxy",
]);

const PLAIN_HTTP_HINT = "if it speaks plain HTTP, pass --plain-http";

/**
 * The texts that Deno 2.9 throws, as `fetch` gives no codes. One that isn't
 * known counts as `reset`, which is retried.
 */
const PATTERNS: readonly Pattern[] = [
  {
    kind: "blocked",
    code: "unreachable",
    text: /Requires (?:net|sys|read|env) access/i,
    what: "this program has no permission to connect to it",
    hint: "run dray with the permissions of its deno.json: -P=dray",
  },
  {
    kind: "unknown-host",
    code: "unreachable",
    text:
      /Name or service not known|nodename nor servname|No such host|No address associated|no record found|ENOTFOUND/i,
    what: "no such host is known",
    hint: "check the name of the registry",
  },
  {
    kind: "lookup",
    code: "unreachable",
    text: /dns error|lookup address|EAI_AGAIN/i,
    what: "its name could not be looked up",
  },
  {
    kind: "certificate",
    code: "tls",
    text: /certificate|CaUsedAsEndEntity/i,
    what: "its certificate is not accepted",
  },
  {
    kind: "not-tls",
    code: "tls",
    text: /corrupt message|InvalidContentType|InvalidMessage|EPROTO/i,
    what: "it does not speak TLS",
    hint: PLAIN_HTTP_HINT,
  },
  {
    kind: "handshake",
    code: "tls",
    text:
      /tls handshake eof|\(Connect\).*(?:reset by peer|os error 104|unexpected (?:eof|end of file))/i,
    what: "it hung up during the TLS handshake",
    hint: PLAIN_HTTP_HINT,
  },
  {
    kind: "certificate",
    code: "tls",
    text: /received fatal alert/i,
    what: "it refused the TLS connection",
  },
  {
    kind: "proxy-login",
    code: "unreachable",
    text: /proxy authentication required|unsuccessful tunnel: status 407/i,
    what: "the proxy wants authentication",
    hint: PROXY_LOGIN_HINT,
  },
  {
    kind: "proxy",
    code: "unreachable",
    text: /unsuccessful tunnel|proxy|tunnel/i,
    what: "the proxy refused to connect to it",
    hint: PROXY_HINT,
  },
  {
    kind: "refused",
    code: "unreachable",
    text: /Connection refused|actively refused|ECONNREFUSED/i,
    what: "connection refused",
  },
  {
    kind: "timeout",
    code: "timeout",
    text: /timed out|ETIMEDOUT/i,
    what: "the connection timed out",
  },
  {
    kind: "refused",
    code: "unreachable",
    text: /unreachable|No route to host|EHOSTUNREACH|ENETUNREACH/i,
    what: "there is no route to it",
  },
  {
    kind: "reset",
    code: "unreachable",
    text:
      /invalid HTTP (?:version|status)|HPE_INVALID_(?:VERSION|CONSTANT|STATUS)/i,
    what: "its answer is not HTTP",
    hint: "check the port of the registry",
  },
  {
    kind: "reset",
    code: "unreachable",
    text: /message head is too large|HPE_HEADER_OVERFLOW/i,
    what: "the headers of its answer are too long",
  },
  {
    kind: "reset",
    code: "unreachable",
    text:
      /invalid content-length|unexpected transfer-encoding|HPE_(?:INVALID|UNEXPECTED)_(?:CONTENT_LENGTH|TRANSFER_ENCODING)/i,
    what: "its answer has a length that makes no sense",
  },
  {
    kind: "blocked",
    code: "unreachable",
    text: /Requests to port \d+ are blocked/i,
    what: "this port is not open to HTTP requests",
  },
];

const RESET: Pattern = {
  kind: "reset",
  code: "unreachable",
  text: /./,
  what: "the connection broke",
};

/**
 * Turns what `fetch` or Node threw into an error that says what failed and where, and nothing secret.
 *
 * @param proxy URL of the proxy that was gone through, without a password.
 */
export function toNetworkError(
  error: unknown,
  url: URL,
  proxy?: string,
): UnavailableError | OperationError {
  if (error instanceof UnavailableError || error instanceof OperationError) {
    return error;
  }
  const text = describeCause(error);
  const cause = new Error(text);
  if (MALFORMED.test(text)) return malformedAnswer(url, cause);
  const { kind, code, what, hint } =
    PATTERNS.find((pattern) => pattern.text.test(text)) ?? RESET;
  const isOfProxy = proxy !== undefined && PROXY_KINDS.has(kind);
  return networkError(kind, code, url, what, {
    cause,
    hint: isOfProxy ? PROXY_HINT : hint,
    proxy,
  });
}

/** The error for a proxy's 407. */
export function proxyLoginError(url: URL, proxy: string): UnavailableError {
  const what = "the proxy wants authentication";
  return networkError("proxy-login", "unreachable", url, what, {
    hint: PROXY_LOGIN_HINT,
    proxy,
  });
}

function malformedAnswer(url: URL, cause: Error): OperationError {
  return new OperationError(
    "protocol",
    `Cannot read from "${url.host}": its answer is malformed (a header has a character that is not allowed)`,
    { cause, details: { host: url.host } },
  );
}

/** Settings of {@linkcode networkError}. */
export interface NetworkErrorOptions {
  readonly cause?: unknown;
  readonly hint?: string | undefined;
  /** URL of the proxy that was gone through, without a password. */
  readonly proxy?: string | undefined;
}

/** An error about a host; its kind is in `details.failure`. */
export function networkError(
  kind: FailureKind,
  code: "unreachable" | "tls" | "timeout",
  url: URL | null,
  what: string,
  { proxy, ...options }: NetworkErrorOptions = {},
): UnavailableError {
  const host = url?.host ?? "the server";
  const via = proxy === undefined
    ? ""
    : ` through the proxy "${URL.parse(proxy)?.host ?? proxy}"`;
  return new UnavailableError(code, `Cannot reach "${host}"${via}: ${what}`, {
    ...options,
    details: { host, failure: kind },
  });
}

/**
 * The innermost message without the URL, whose query may be a signature and
 * whose host or path could pass for one of the texts above.
 */
function describeCause(error: unknown): string {
  let text = "";
  for (let at = error, depth = 0; at instanceof Error && depth < 5; depth++) {
    text = "code" in at ? `${at.code}: ${at.message}` : at.message;
    at = at.cause;
  }
  const detail = text.lastIndexOf("client error (");
  return detail < 0
    ? text.replace(/\bhttps?:\/\/\S+/g, "…")
    : text.slice(detail);
}

/** The kind of a failure below HTTP; undefined for any other error. */
export function findFailureKind(error: unknown): FailureKind | undefined {
  if (!(error instanceof UnavailableError)) return undefined;
  return FAILURE_KINDS.find((kind) => kind === error.details.failure);
}
