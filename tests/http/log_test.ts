import { deepEqual, equal, ok, rejects } from "node:assert/strict";
import type { Transport } from "../../src/http/http_request.ts";
import { type LogEntry, withLog } from "../../src/http/log.ts";
import { networkError } from "../../src/http/network_error.ts";
import { responseAt } from "../../src/http/response_at.ts";

const URL_A = new URL(
  "https://user:SECRET@a.example/v2/x?scope=pull&token=SECRET",
);

function logging(
  send: Transport,
): { readonly transport: Transport; readonly entries: LogEntry[] } {
  const entries: LogEntry[] = [];
  return {
    transport: withLog({ onLog: (entry) => entries.push(entry) })(send),
    entries,
  };
}

Deno.test("withLog() tells of an exchange and keeps its secrets", async () => {
  const { transport, entries } = logging(({ url }) =>
    Promise.resolve(responseAt(url.href, null, {
      status: 307,
      statusText: "",
      headers: new Headers({
        location:
          "https://user:SECRET@s3.example/blob?X-Amz-Signature=SECRET&X-Amz-Security-Token=SECRET",
        "set-cookie": "SECRET",
        "content-length": "12",
        "www-authenticate": 'Bearer realm="https://auth.example/token"',
      }),
    }))
  );
  const headers = {
    Authorization: "Bearer SECRET",
    Cookie: "SECRET",
    "Proxy-Authorization": "SECRET",
    "X-Custom": "SECRET",
    Range: "bytes=0-1",
    accept: "*/*",
  };
  await transport({ url: URL_A, headers, method: "HEAD" });
  ok(!JSON.stringify(entries).includes("SECRET"));
  const [entry] = entries;
  ok(entry !== undefined && entry.durationMs >= 0);
  deepEqual({ ...entry, durationMs: 0 }, {
    method: "HEAD",
    url: "https://a.example/v2/x?scope=pull&token=***",
    status: 307,
    durationMs: 0,
    responseBytes: 12,
    requestHeaders: {
      authorization: "***",
      cookie: "***",
      "proxy-authorization": "***",
      "x-custom": "***",
      range: "bytes=0-1",
      accept: "*/*",
    },
    responseHeaders: {
      location:
        "https://s3.example/blob?X-Amz-Signature=***&X-Amz-Security-Token=***",
      "set-cookie": "***",
      "content-length": "12",
      "www-authenticate": 'Bearer realm="https://auth.example/token"',
    },
  });
});

Deno.test("withLog() tells of a failure and passes it on", async () => {
  const failure = networkError(
    "refused",
    "unreachable",
    URL_A,
    "connection refused",
  );
  const { transport, entries } = logging(() => Promise.reject(failure));
  await rejects(transport({ url: URL_A }), (error) => error === failure);
  equal(entries[0]?.error, 'Cannot reach "a.example": connection refused');
  equal(entries[0]?.status, undefined);
});

Deno.test("withLog() does not repeat a location that is malformed", async () => {
  const { transport, entries } = logging(({ url }) =>
    Promise.resolve(
      responseAt(url.href, null, {
        status: 307,
        statusText: "",
        headers: new Headers({ location: "https://[SECRET" }),
      }),
    )
  );
  await transport({ url: URL_A });
  equal(entries[0]?.responseHeaders.location, "***");
});

Deno.test("withLog() is not there when nobody listens", () => {
  const send: Transport = () => Promise.resolve(new Response());
  equal(withLog({})(send), send);
});
