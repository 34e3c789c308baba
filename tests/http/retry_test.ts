import { deepEqual, equal, ok, rejects } from "node:assert/strict";
import { UnavailableError } from "../../src/errors.ts";
import type {
  HttpRequest,
  RetryNotice,
  Transport,
} from "../../src/http/http_request.ts";
import { networkError } from "../../src/http/network_error.ts";
import { withRetries } from "../../src/http/retry.ts";
import type { RetryOptions } from "../../src/http/retry_policy.ts";

const START = Date.UTC(2026, 0, 1);
const URL_A = new URL("https://a.example/v2/");

/** A clock that runs only while somebody sleeps. */
class FakeClock {
  nowMs = START;
  readonly slept: number[] = [];

  options(more: RetryOptions = {}): { readonly retry: RetryOptions } {
    return {
      retry: {
        random: () => 0.5,
        now: () => this.nowMs,
        monotonicNow: () => this.nowMs,
        sleep: (ms, signal) => {
          signal?.throwIfAborted();
          this.slept.push(ms);
          this.nowMs += ms;
          return Promise.resolve();
        },
        ...more,
      },
    };
  }
}

/** Answers with each in turn, the last one again and again. */
function answering(
  answers: readonly (Error | (() => Response))[],
): { readonly send: Transport; readonly count: () => number } {
  let count = 0;
  return {
    count: () => count,
    send: () => {
      const answer = answers[Math.min(count++, answers.length - 1)];
      if (answer instanceof Error) return Promise.reject(answer);
      return Promise.resolve(answer?.() ?? new Response());
    },
  };
}

const status = (code: number, headers: Record<string, string> = {}) => () =>
  new Response("body", { status: code, headers });
const refused = networkError(
  "refused",
  "unreachable",
  URL_A,
  "connection refused",
);

Deno.test("withRetries() tries again until an answer is good, and tells of each wait", async () => {
  const clock = new FakeClock();
  const notices: RetryNotice[] = [];
  const { send, count } = answering([
    status(500),
    refused,
    status(502),
    status(200),
  ]);
  const transport = withRetries(clock.options())(send);
  const response = await transport({
    url: URL_A,
    onRetry: (notice) => notices.push(notice),
  });
  equal(response.status, 200);
  equal(count(), 4);
  deepEqual(clock.slept, [250, 200, 1000]);
  deepEqual(notices, [
    { host: "a.example", attempt: 2, reason: "HTTP 500", delayMs: 250 },
    {
      host: "a.example",
      attempt: 3,
      reason: "connection refused",
      delayMs: 200,
    },
    { host: "a.example", attempt: 4, reason: "HTTP 502", delayMs: 1000 },
  ]);
});

Deno.test("withRetries() returns the last answer, with its body, when all attempts failed", async () => {
  const { send, count } = answering([status(503)]);
  const response = await withRetries(new FakeClock().options())(send)({
    url: URL_A,
  });
  equal(response.status, 503);
  equal(await response.text(), "body");
  equal(count(), 5);
});

Deno.test("withRetries() throws the last failure, and says how many there were", async () => {
  const { send, count } = answering([refused]);
  await rejects(
    withRetries(new FakeClock().options({ maxAttempts: 3 }))(send)({
      url: URL_A,
    }),
    (error) => {
      ok(error instanceof UnavailableError);
      equal(error.code, "unreachable");
      equal(
        error.message,
        'Cannot reach "a.example": connection refused (3 attempts)',
      );
      deepEqual(error.details, {
        host: "a.example",
        failure: "refused",
        attempts: 3,
      });
      return true;
    },
  );
  equal(count(), 3);
});

Deno.test("withRetries() makes no more attempts than the request allows", async () => {
  const { send, count } = answering([status(503)]);
  const transport = withRetries(new FakeClock().options())(send);
  equal((await transport({ url: URL_A, maxAttempts: 2 })).status, 503);
  equal(count(), 2);
});

Deno.test("withRetries() asks once where asking again would not help", async () => {
  for (const code of [200, 206, 307, 400, 401, 403, 404, 416]) {
    const { send, count } = answering([status(code, { "retry-after": "5" })]);
    equal(
      (await withRetries(new FakeClock().options())(send)({ url: URL_A }))
        .status,
      code,
    );
    equal(count(), 1);
  }
  const certificate = networkError("certificate", "tls", URL_A, "bad");
  for (
    const error of [
      certificate,
      new TypeError("a bug"),
      new DOMException("x", "AbortError"),
    ]
  ) {
    const { send, count } = answering([error]);
    await rejects(
      withRetries(new FakeClock().options())(send)({ url: URL_A }),
      (thrown) => thrown === error,
    );
    equal(count(), 1);
  }
});

Deno.test("withRetries() cancels the bodies of the answers that it drops", async () => {
  let cancelled = 0;
  const endless = () =>
    new Response(
      new ReadableStream({
        type: "bytes",
        cancel: () => void cancelled++,
        pull: (c) => c.enqueue(new Uint8Array(4096)),
      }),
      { status: 503 },
    );
  const { send } = answering([endless, endless, status(200)]);
  await withRetries(new FakeClock().options())(send)({ url: URL_A });
  equal(cancelled, 2);
});

Deno.test("withRetries() waits as Retry-After says: in seconds, or until a date by the server's clock", async () => {
  const date = new Date(START + 100_000).toUTCString();
  const cases: readonly (readonly [Record<string, string>, number])[] = [
    [{ "retry-after": "37" }, 37_250],
    [{ "retry-after": date }, 100_250],
    [
      { "retry-after": date, date: new Date(START + 90_000).toUTCString() },
      10_250,
    ],
    [{ "retry-after": "-1" }, 394],
    [{ "retry-after": "rubbish" }, 394],
    [{ "retry-after": "0" }, 394],
    [{ "retry-after": "Thu, 01 Jan 1970 00:00:00 GMT" }, 394],
    [{}, 394],
  ];
  for (const [headers, expected] of cases) {
    const clock = new FakeClock();
    const { send } = answering([status(429, headers), status(200)]);
    await withRetries(clock.options())(send)({ url: URL_A });
    deepEqual(clock.slept, [expected], JSON.stringify(headers));
  }
});

Deno.test("withRetries() takes too long a Retry-After for an error, for all requests to the host", async () => {
  const clock = new FakeClock();
  const { send, count } = answering([
    status(429, { "retry-after": "99999999" }),
    status(200),
  ]);
  const transport = withRetries(clock.options())(send);
  const isLimited = (error: unknown) => {
    ok(error instanceof UnavailableError);
    equal(error.code, "rate-limited");
    equal(
      error.message,
      'Cannot fetch from "a.example": it limits the rate and asks to wait 1157 days 9 h',
    );
    ok(error.hint?.includes("dray login a.example"));
    return true;
  };
  await rejects(transport({ url: URL_A }), isLimited);
  await rejects(transport({ url: URL_A }), isLimited);
  equal(count(), 1);
  equal((await transport({ url: new URL("https://b.example/") })).status, 200);
  deepEqual(clock.slept, []);
});

Deno.test("withRetries() says that a server is not available where it isn't the rate", async () => {
  const { send } = answering([status(503, { "retry-after": "86400" })]);
  await rejects(
    withRetries(new FakeClock().options())(send)({ url: URL_A }),
    /is not available \(HTTP 503\) and asks to wait 1 day$/,
  );
});

Deno.test("withRetries() makes every request to a host wait for its Retry-After, and tells each", async () => {
  const sleeping: PromiseWithResolvers<void>[] = [];
  let now = 0;
  const notices: RetryNotice[] = [];
  const urls: string[] = [];
  const send: Transport = ({ url }) => {
    urls.push(url.href);
    return Promise.resolve(
      urls.length === 1
        ? status(429, { "retry-after": "10" })()
        : status(200)(),
    );
  };
  const transport = withRetries({
    retry: {
      random: () => 0,
      now: () => now,
      monotonicNow: () => now,
      sleep: () => {
        const sleeper = Promise.withResolvers<void>();
        sleeping.push(sleeper);
        return sleeper.promise;
      },
    },
  })(send);
  const ask = (text: string) =>
    transport({
      url: new URL(text),
      onRetry: (notice) => notices.push(notice),
    });
  const first = ask("https://a.example/1");
  while (sleeping.length < 1) await Promise.resolve();
  now += 4_000;
  const second = ask("https://a.example/2");
  while (sleeping.length < 2) await Promise.resolve();
  await ask("https://b.example/3");
  deepEqual(urls, ["https://a.example/1", "https://b.example/3"]);
  now += 6_000;
  sleeping.forEach((sleeper) => sleeper.resolve());
  deepEqual(
    (await Promise.all([first, second])).map((response) => response.status),
    [200, 200],
  );
  deepEqual(notices, [
    { host: "a.example", attempt: 2, reason: "rate limited", delayMs: 10_000 },
    { host: "a.example", attempt: 1, reason: "rate limited", delayMs: 6_000 },
  ]);
});

Deno.test("withRetries() ends a wait at once when the signal is aborted", async () => {
  for (const answer of [status(503), status(429, { "retry-after": "200" })]) {
    const controller = new AbortController();
    const { send, count } = answering([answer]);
    const reason = new Error("enough");
    // Real timers, with waits that would outlast the test by far.
    const transport = withRetries({ retry: { random: () => 1 } })(send);
    const start = performance.now();
    await rejects(
      transport({
        url: URL_A,
        signal: controller.signal,
        onRetry: () => controller.abort(reason),
      }),
      (error) => error === reason,
    );
    ok(performance.now() - start < 400);
    equal(count(), 1);
  }
});

Deno.test("withRetries() bounds the requests of each caller when a host limits the rate for ever", async () => {
  const clock = new FakeClock();
  const { send, count } = answering([status(429, { "retry-after": "60" })]);
  const transport = withRetries(clock.options())(send);
  const request: HttpRequest = { url: URL_A };
  const answers = await Promise.all([
    transport(request),
    transport(request),
    transport(request),
  ]);
  deepEqual(answers.map((answer) => answer.status), [429, 429, 429]);
  equal(count(), 15);
});
