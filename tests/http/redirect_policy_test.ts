import { deepEqual, equal } from "node:assert/strict";
import fc from "fast-check";
import {
  headersFor,
  judgeRedirect,
  leadsInside,
} from "../../src/http/redirect_policy.ts";

const FROM = new URL("https://a.example/v2/x/blobs/y?z=1");

Deno.test("judgeRedirect() follows redirects to HTTP addresses", () => {
  const cases = [
    ["https://b.example/blob?sig=1", "https://b.example/blob?sig=1"],
    ["/other", "https://a.example/other"],
    ["other", "https://a.example/v2/x/blobs/other"],
    ["//b.example/x", "https://b.example/x"],
    ["https://me:secret@b.example/x#f", "https://b.example/x"],
  ] as const;
  for (const [location, expected] of cases) {
    for (const status of [301, 302, 303, 307, 308]) {
      const redirect = judgeRedirect(FROM, status, location);
      equal(redirect.kind === "follow" && redirect.url.href, expected);
    }
  }
});

Deno.test("judgeRedirect() refuses other schemes, plain HTTP after HTTPS, and what is no address", () => {
  for (
    const location of [
      "http://b.example/",
      "http://127.0.0.1/",
      "file:///etc/passwd",
      "data:text/plain,x",
      "ftp://b.example/",
      "javascript:1",
      "https://",
      "https://[::1",
      "https://b.example:99999/",
    ]
  ) {
    equal(judgeRedirect(FROM, 307, location).kind, "refuse", location);
  }
  equal(
    judgeRedirect(new URL("http://a.example/"), 307, "http://b.example/").kind,
    "follow",
  );
  equal(
    judgeRedirect(new URL("http://a.example/"), 307, "https://b.example/").kind,
    "follow",
  );
});

Deno.test("judgeRedirect() sees no redirect without its status and address", () => {
  deepEqual(judgeRedirect(FROM, 200, "https://b.example/"), { kind: "none" });
  deepEqual(judgeRedirect(FROM, 304, "https://b.example/"), { kind: "none" });
  deepEqual(judgeRedirect(FROM, 307, null), { kind: "none" });
});

Deno.test("judgeRedirect() never throws, and never quotes a query", () => {
  fc.assert(
    fc.property(
      fc.oneof(fc.string(), fc.webUrl({ withQueryParameters: true })),
      (location) => {
        const redirect = judgeRedirect(FROM, 307, location);
        equal(redirect.kind === "refuse" && redirect.why.includes("?"), false);
      },
    ),
  );
});

Deno.test("leadsInside() lets nothing go further inside than where it started", () => {
  const cases = [
    ["public", "https://127.0.0.1/", true],
    ["public", "https://10.0.0.1/", true],
    ["public", "https://169.254.169.254/", true],
    ["public", "https://[::1]/", true],
    ["public", "https://localhost/", true],
    ["public", "https://8.8.8.8/", false],
    ["public", "https://b.example/", false],
    ["name", "https://10.0.0.1/", true],
    ["private", "https://10.0.0.1/", false],
    ["private", "https://8.8.8.8/", false],
    ["private", "https://169.254.169.254/", true],
    ["private", "https://127.0.0.1/", true],
    ["loopback", "https://127.0.0.1/", false],
    ["loopback", "https://10.0.0.1/", false],
    ["loopback", "http://169.254.169.254/", true],
    ["loopback", "http://[::ffff:169.254.169.254]/", true],
    ["link-local", "http://169.254.169.254/", false],
    ["loopback", "https://b.example/", false],
  ] as const;
  for (const [start, url, expected] of cases) {
    equal(leadsInside(start, new URL(url)), expected, `${start} ${url}`);
  }
});

Deno.test("headersFor() keeps all at the origin, and what is no credential past it", () => {
  const headers = {
    Authorization: "x",
    cookie: "x",
    "X-Custom": "x",
    Range: "bytes=0-1",
    "if-range": '"e"',
    Accept: "*/*",
    "user-agent": "dray",
  };
  deepEqual(
    headersFor(headers, FROM, new URL("https://a.example/other")),
    headers,
  );
  const portable = {
    Range: "bytes=0-1",
    "if-range": '"e"',
    Accept: "*/*",
    "user-agent": "dray",
  };
  for (
    const other of [
      "https://b.example/",
      "https://a.example:5000/",
      "http://a.example/",
      "https://x.a.example/",
    ]
  ) {
    deepEqual(headersFor(headers, FROM, new URL(other)), portable, other);
  }
});
