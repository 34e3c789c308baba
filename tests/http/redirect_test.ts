import { deepEqual, equal, ok, rejects } from "node:assert/strict";
import { OperationError } from "../../src/errors.ts";
import type { HttpRequest, Transport } from "../../src/http/http_request.ts";
import {
  type RedirectOptions,
  withRedirects,
} from "../../src/http/redirect.ts";
import { responseAt } from "../../src/http/response_at.ts";

/** Redirects as a table says; anything else is a good answer. */
function redirecting(
  locations: Readonly<Record<string, string>>,
): { readonly send: Transport; readonly requests: HttpRequest[] } {
  const requests: HttpRequest[] = [];
  const send: Transport = (request) => {
    requests.push(request);
    const location = locations[request.url.href];
    const headers = new Headers(location === undefined ? {} : { location });
    const init = {
      status: location === undefined ? 200 : 307,
      statusText: "",
      headers,
    };
    return Promise.resolve(
      responseAt(request.url.href, new Response("body").body, init),
    );
  };
  return { send, requests };
}

function follow(
  locations: Readonly<Record<string, string>>,
  request: HttpRequest,
  options: RedirectOptions = {},
) {
  const { send, requests } = redirecting(locations);
  return { requests, answer: withRedirects(options)(send)(request) };
}

const SECRETS = {
  authorization: "Bearer secret",
  cookie: "secret",
  "x-token": "secret",
  range: "bytes=0-9",
  accept: "*/*",
};
const A = "https://a.example/blob";

async function expectRefusal(
  answer: Promise<unknown>,
  text: string,
): Promise<void> {
  await rejects(answer, (error) => {
    ok(error instanceof OperationError, String(error));
    equal(error.code, "redirect-refused");
    ok(error.message.includes(text), error.message);
    ok(!error.message.includes("secret"), error.message);
    return true;
  });
}

Deno.test("withRedirects() takes credentials no further than the origin, and not up again on the way back (CVE-2025-21620, CVE-2026-50151)", async () => {
  const { requests, answer } = follow({
    [A]: "https://a.example/same-origin",
    "https://a.example/same-origin": "https://b.example/blob?sig=1",
    "https://b.example/blob?sig=1": "https://a.example/back",
  }, {
    url: new URL(A),
    headers: SECRETS,
    tls: { cert: "secret", key: "secret", insecure: true },
    allowPlainHttp: "always",
  });
  equal((await answer).status, 200);
  const portable = { range: "bytes=0-9", accept: "*/*" };
  deepEqual(requests.map(({ url, headers }) => [url.href, headers]), [
    [A, SECRETS],
    ["https://a.example/same-origin", SECRETS],
    ["https://b.example/blob?sig=1", portable],
    ["https://a.example/back", portable],
  ]);
  deepEqual(
    requests.map((
      { tls, allowPlainHttp },
    ) => [tls?.insecure, tls?.cert, allowPlainHttp]),
    [
      [true, "secret", "always"],
      [true, "secret", "always"],
      [undefined, undefined, "never"],
      [undefined, undefined, "never"],
    ],
  );
});

Deno.test("withRedirects() counts another port and another scheme as another origin", async () => {
  for (const target of ["https://a.example:5000/x", "https://a.example./x"]) {
    const { requests, answer } = follow({ [A]: target }, {
      url: new URL(A),
      headers: SECRETS,
    });
    await answer;
    equal(requests[1]?.headers?.authorization, undefined, target);
  }
  const { requests, answer } = follow({ "http://a.example/": A }, {
    url: new URL("http://a.example/"),
    headers: SECRETS,
  });
  await answer;
  equal(requests[1]?.headers?.authorization, undefined);
});

Deno.test("withRedirects() judges by the URL that was really asked", async () => {
  // A layer below may have turned https into http, as it does on loopback.
  const send: Transport = ({ url }) => {
    const plain = url.href.replace("https:", "http:");
    const moved = url.pathname === "/moved";
    const headers = new Headers(
      moved ? {} : { location: "http://127.0.0.1:5000/moved" },
    );
    return Promise.resolve(
      responseAt(plain, null, {
        status: moved ? 200 : 307,
        statusText: "",
        headers,
      }),
    );
  };
  equal(
    (await withRedirects()(send)({ url: new URL("https://127.0.0.1:5000/") }))
      .status,
    200,
  );
});

Deno.test("withRedirects() follows ten redirects and no more", async () => {
  const chain = (length: number) =>
    Object.fromEntries(
      Array.from(
        { length },
        (_, at) => [`https://a.example/${at}`, `/${at + 1}`],
      ),
    );
  const request = { url: new URL("https://a.example/0") };
  equal((await follow(chain(10), request).answer).url, "https://a.example/10");
  const { requests, answer } = follow(chain(30), request);
  await expectRefusal(answer, "more than 10 times");
  equal(requests.length, 11);
  await expectRefusal(
    follow({ "https://a.example/0": "/0" }, request, { maxRedirects: 2 })
      .answer,
    "more than 2 times",
  );
});

Deno.test("withRedirects() refuses to leave HTTP or HTTPS", async () => {
  await expectRefusal(
    follow({ [A]: "http://b.example/?secret" }, { url: new URL(A) }).answer,
    "plain HTTP",
  );
  await expectRefusal(
    follow({ [A]: "file:///etc/secret" }, { url: new URL(A) }).answer,
    '"file:"',
  );
  await expectRefusal(
    follow({ [A]: "data:text/plain,secret" }, { url: new URL(A) }).answer,
    '"data:"',
  );
});

Deno.test("withRedirects() refuses to be led from a public address to one inside", async () => {
  const lookup = () => Promise.resolve(["203.0.113.1"]);
  for (
    const target of [
      "https://127.0.0.1/",
      "https://169.254.169.254/latest",
      "https://10.0.0.1/",
      "https://[::1]/",
      "https://[::ffff:10.0.0.1]/",
      "https://localhost:5000/",
      "https://2130706433/",
    ]
  ) {
    for (const start of [A, "https://203.0.113.1/"]) {
      const { requests, answer } = follow({ [start]: target }, {
        url: new URL(start),
      }, { lookup });
      await expectRefusal(answer, "private address");
      equal(requests.length, 1);
    }
  }
});

Deno.test("withRedirects() is not led inside by hops in between", async () => {
  const lookup = (name: string) =>
    Promise.resolve(name === "a.example" ? ["203.0.113.1"] : ["10.0.0.9"]);
  const { requests, answer } = follow(
    {
      [A]: "https://evil.example/",
      "https://evil.example/": "https://10.0.0.1/",
    },
    { url: new URL(A) },
    { lookup },
  );
  await expectRefusal(answer, "10.0.0.1");
  equal(requests.length, 2);
});

Deno.test("withRedirects() lets a registry inside redirect to storage inside", async () => {
  const inside = { lookup: () => Promise.resolve(["10.0.0.1"]) };
  equal(
    (await follow({ [A]: "https://10.0.0.2/" }, { url: new URL(A) }, inside)
      .answer).status,
    200,
  );
  equal(
    (await follow({ "https://10.0.0.1/": "https://192.168.0.1/" }, {
      url: new URL("https://10.0.0.1/"),
    }).answer).status,
    200,
  );
  await expectRefusal(
    follow({ [A]: "https://127.0.0.1/" }, { url: new URL(A) }, inside).answer,
    "127.0.0.1",
  );
  const mixed = { lookup: () => Promise.resolve(["10.0.0.1", "203.0.113.1"]) };
  await expectRefusal(
    follow({ [A]: "https://10.0.0.2/" }, { url: new URL(A) }, mixed).answer,
    "10.0.0.2",
  );
  const unknown = { lookup: () => Promise.reject(new Error("no such name")) };
  await expectRefusal(
    follow({ [A]: "https://10.0.0.2/" }, { url: new URL(A) }, unknown).answer,
    "10.0.0.2",
  );
});

Deno.test("withRedirects() goes anywhere inside where that is allowed", async () => {
  equal(
    (await follow({ [A]: "https://127.0.0.1/" }, { url: new URL(A) }, {
      allowPrivateRedirects: true,
    }).answer).status,
    200,
  );
});

Deno.test("withRedirects() looks no name up for a redirect to a name", async () => {
  const lookup = () => Promise.reject(new Error("must not be asked"));
  equal(
    (await follow({ [A]: "https://cdn.example/" }, { url: new URL(A) }, {
      lookup,
    }).answer).status,
    200,
  );
});

Deno.test("withRedirects() leaves the answer to a POST alone", async () => {
  const { requests, answer } = follow({ [A]: "https://b.example/" }, {
    url: new URL(A),
    method: "POST",
    body: "password=secret",
  });
  equal((await answer).status, 307);
  equal(requests.length, 1);
});

Deno.test("withRedirects() ends the body of each redirect", async () => {
  let cancelled = 0;
  const send: Transport = ({ url }) => {
    if (url.pathname === "/end") return Promise.resolve(new Response());
    const body = new ReadableStream({
      type: "bytes",
      cancel: () => void cancelled++,
      pull: (c) => c.enqueue(new Uint8Array(4096)),
    });
    return Promise.resolve(
      responseAt(url.href, body, {
        status: 302,
        statusText: "",
        headers: new Headers({ location: "/end" }),
      }),
    );
  };
  await withRedirects()(send)({ url: new URL(A) });
  equal(cancelled, 1);
});
