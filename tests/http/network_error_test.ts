import { deepEqual, equal, ok } from "node:assert/strict";
import fc from "fast-check";
import {
  type FailureKind,
  findFailureKind,
  networkError,
  toNetworkError,
} from "../../src/http/network_error.ts";

const URL_A = new URL("https://a.example:5000/v2/?sig=SECRET");

/** As Deno's `fetch` throws it. */
function fetchError(detail: string): TypeError {
  const cause = new Error(
    `error sending request for url (${URL_A.href}): client error (${detail}`,
  );
  return new TypeError("fetch failed", { cause });
}

function nodeError(code: string, message: string): Error {
  return Object.assign(new Error(message), { code });
}

Deno.test("toNetworkError() tells failures apart by the texts of Deno and the codes of Node", () => {
  const cases: readonly (readonly [Error, FailureKind, string])[] = [
    [
      fetchError(
        "Connect): tcp connect error: Connection refused (os error 111)",
      ),
      "refused",
      "unreachable",
    ],
    [
      fetchError(
        "Connect): tcp connect error: No route to host (os error 113)",
      ),
      "refused",
      "unreachable",
    ],
    [
      fetchError(
        "Connect): tcp connect error: Network is unreachable (os error 101)",
      ),
      "refused",
      "unreachable",
    ],
    [
      fetchError(
        "Connect): tcp connect error: Connection timed out (os error 110)",
      ),
      "timeout",
      "timeout",
    ],
    [
      fetchError(
        "Connect): dns error: failed to lookup address information: Name or service not known",
      ),
      "unknown-host",
      "unreachable",
    ],
    [
      fetchError(
        "Connect): dns error: failed to lookup address information: Temporary failure in name resolution",
      ),
      "lookup",
      "unreachable",
    ],
    [
      fetchError("Connect): invalid peer certificate: UnknownIssuer"),
      "certificate",
      "tls",
    ],
    [
      fetchError("Connect): received fatal alert: HandshakeFailure"),
      "certificate",
      "tls",
    ],
    [
      fetchError(
        "Connect): received corrupt message of type InvalidContentType",
      ),
      "not-tls",
      "tls",
    ],
    [fetchError("Connect): tls handshake eof"), "handshake", "tls"],
    [
      fetchError("Connect): Connection reset by peer (os error 104)"),
      "handshake",
      "tls",
    ],
    [fetchError("Connect): unsuccessful tunnel"), "proxy", "unreachable"],
    [
      fetchError("SendRequest): connection closed before message completed"),
      "reset",
      "unreachable",
    ],
    [
      fetchError("SendRequest): Connection reset by peer (os error 104)"),
      "reset",
      "unreachable",
    ],
    [
      fetchError("SendRequest): invalid HTTP version parsed"),
      "reset",
      "unreachable",
    ],
    [
      new TypeError("Fetch failed: Requests to port 1 are blocked"),
      "blocked",
      "unreachable",
    ],
    [
      nodeError("ECONNREFUSED", "connect ECONNREFUSED 127.0.0.1:1"),
      "refused",
      "unreachable",
    ],
    [
      nodeError("ENOTFOUND", "getaddrinfo ENOTFOUND a.example"),
      "unknown-host",
      "unreachable",
    ],
    [
      nodeError("EAI_AGAIN", "getaddrinfo EAI_AGAIN a.example"),
      "lookup",
      "unreachable",
    ],
    [nodeError("ETIMEDOUT", "connect ETIMEDOUT"), "timeout", "timeout"],
    [nodeError("ECONNRESET", "socket hang up"), "reset", "unreachable"],
    [
      nodeError("DEPTH_ZERO_SELF_SIGNED_CERT", "self-signed certificate"),
      "certificate",
      "tls",
    ],
    [
      nodeError(
        "ERR_TLS_CERT_ALTNAME_INVALID",
        "does not match certificate's altnames",
      ),
      "certificate",
      "tls",
    ],
    [new Error("unsuccessful tunnel: status 403"), "proxy", "unreachable"],
    [
      new Error("unsuccessful tunnel: status 407"),
      "proxy-login",
      "unreachable",
    ],
    [
      new Error('Requires sys access to "ca", run again'),
      "blocked",
      "unreachable",
    ],
    [new Error("anything else"), "reset", "unreachable"],
  ];
  for (const [error, kind, code] of cases) {
    const mapped = toNetworkError(error, URL_A);
    deepEqual([findFailureKind(mapped), mapped.code, mapped.exitCode], [
      kind,
      code,
      5,
    ], String(error.cause ?? error));
    ok(mapped.message.startsWith('Cannot reach "a.example:5000": '));
  }
});

Deno.test("toNetworkError() says what is wrong with an answer that can't be read", () => {
  const cases: readonly (readonly [Error, string])[] = [
    [
      fetchError("SendRequest): invalid HTTP version parsed"),
      "its answer is not HTTP",
    ],
    [
      nodeError("HPE_INVALID_CONSTANT", "Parse Error: Expected HTTP/"),
      "its answer is not HTTP",
    ],
    [
      fetchError("SendRequest): message head is too large"),
      "the headers of its answer are too long",
    ],
    [
      fetchError("SendRequest): invalid content-length parsed"),
      "its answer has a length that makes no sense",
    ],
    [
      fetchError("SendRequest): connection closed before message completed"),
      "the connection broke",
    ],
  ];
  for (const [thrown, what] of cases) {
    const error = toNetworkError(thrown, URL_A);
    equal(error.message, `Cannot reach "a.example:5000": ${what}`);
    // The next attempt may meet another server behind the same name.
    equal(findFailureKind(error), "reset");
  }
});

Deno.test("toNetworkError() lets neither message nor cause tell the URL", () => {
  const errors = [
    fetchError("Connect): x"),
    new Error(`error decoding ${URL_A.href}`),
    new TypeError("x", { cause: new TypeError(URL_A.href) }),
  ];
  for (const error of errors) {
    const mapped = toNetworkError(error, URL_A);
    ok(
      !`${mapped.message} ${mapped.cause} ${JSON.stringify(mapped.details)}`
        .includes("SECRET"),
    );
  }
});

Deno.test("toNetworkError() is not misled by what the URL says", () => {
  const url =
    "https://connection-refused.proxy.example/tunnel/certificate/InvalidContentType";
  const cause = new Error(
    `error sending request for url (${url}): client error (SendRequest): connection closed`,
  );
  equal(
    findFailureKind(
      toNetworkError(new TypeError("fetch failed", { cause }), new URL(url)),
    ),
    "reset",
  );
});

Deno.test("toNetworkError() keeps what is mapped already", () => {
  const error = networkError("timeout", "timeout", URL_A, "no answer");
  equal(toNetworkError(error, URL_A), error);
});

Deno.test("toNetworkError() never throws", () => {
  fc.assert(fc.property(fc.anything(), (thrown) => {
    equal(findFailureKind(toNetworkError(thrown, URL_A)) !== undefined, true);
  }));
});

Deno.test("findFailureKind() finds nothing in other errors", () => {
  for (
    const error of [undefined, null, "x", new Error("x"), new TypeError("x")]
  ) equal(findFailureKind(error), undefined);
});
