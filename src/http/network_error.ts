import { UnavailableError } from "../errors.ts";

/**
 * What went wrong below HTTP, finer than an error's code; the retry policy decides on it.
 *
 * - `refused` nobody listens there; `lookup` the name server is in trouble;
 * - `unknown-host` there is no such name; `certificate` it wasn't accepted;
 * - `not-tls` the server speaks something else; `handshake` it hung up during it;
 * - `timeout` no connection or no headers in time; `reset` the connection broke;
 * - `proxy` the proxy said no; `blocked` the port is one that `fetch` won't use.
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
  "blocked",
] as const;

interface Pattern {
  readonly kind: FailureKind;
  readonly code: "unreachable" | "tls" | "timeout";
  readonly text: RegExp;
  readonly what: string;
  readonly hint?: string;
}

const PLAIN_HTTP_HINT = "if it speaks plain HTTP, pass --plain-http";

/**
 * The texts that Deno 2.9 throws, as `fetch` gives no codes. One that isn't
 * known counts as `reset`, which is retried.
 */
const PATTERNS: readonly Pattern[] = [
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
    kind: "proxy",
    code: "unreachable",
    text: /unsuccessful tunnel|proxy|tunnel/i,
    what: "the proxy refused to connect to it",
    hint: "check HTTP_PROXY, HTTPS_PROXY and NO_PROXY",
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

/** Turns what `fetch` or Node threw into an error that says what failed and where, and nothing secret. */
export function toNetworkError(error: unknown, url: URL): UnavailableError {
  if (error instanceof UnavailableError) return error;
  const text = describeCause(error);
  const { kind, code, what, hint } =
    PATTERNS.find((pattern) => pattern.text.test(text)) ?? RESET;
  return networkError(kind, code, url, what, { cause: new Error(text), hint });
}

/** An error about a host; its kind is in `details.failure`. */
export function networkError(
  kind: FailureKind,
  code: "unreachable" | "tls" | "timeout",
  url: URL | null,
  what: string,
  options: { readonly cause?: unknown; readonly hint?: string | undefined } =
    {},
): UnavailableError {
  const host = url?.host ?? "the server";
  return new UnavailableError(code, `Cannot reach "${host}": ${what}`, {
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
