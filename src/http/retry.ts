import { UnavailableError } from "../errors.ts";
import { formatWait } from "./format_wait.ts";
import { HostPauses } from "./host_pauses.ts";
import { findHttpDate } from "./http_date.ts";
import type {
  HttpRequest,
  HttpResponse,
  Middleware,
  Transport,
} from "./http_request.ts";
import { discardBody } from "./discard_body.ts";
import { findFailureKind } from "./network_error.ts";
import { findRetryAfter } from "./retry_after.ts";
import {
  nextDelay,
  type Outcome,
  RATE_LIMITED,
  type RetryDecision,
  type RetryOptions,
  type RetryPolicy,
} from "./retry_policy.ts";
import { sleep } from "./sleep.ts";

/** What the requests of one transport share. */
interface RetryContext {
  readonly policy: RetryPolicy;
  readonly pauses: HostPauses;
  readonly now: () => number;
  readonly sleep: (ms: number, signal?: AbortSignal) => Promise<void>;
}

/** An attempt that came to an end. */
type Attempt =
  | { readonly outcome: Outcome; readonly response: HttpResponse }
  | { readonly outcome: Outcome; readonly error: UnavailableError };

/** Longest time by which those that waited for one pause are spread afterwards. */
const MAX_SPREAD_MS = 500;

/**
 * Tries failed exchanges again, as {@linkcode nextDelay} decides. After the
 * last attempt the answer itself is returned, whatever its status, so that its
 * error document can be read; only a host that asks for too long a wait is an
 * error here. Requests must be safe to repeat: those of this program are.
 */
export function withRetries(
  options: { readonly retry?: RetryOptions } = {},
): Middleware {
  const retry = options.retry ?? {};
  const context: RetryContext = {
    policy: {
      maxAttempts: retry.maxAttempts ?? 5,
      maxRetryAfterMs: retry.maxRetryAfterMs ?? 300_000,
      random: retry.random ?? Math.random,
    },
    pauses: new HostPauses(retry.monotonicNow ?? (() => performance.now())),
    now: retry.now ?? Date.now,
    sleep: retry.sleep ?? sleep,
  };
  return (next) => (request) => sendRepeatedly(request, next, context);
}

async function sendRepeatedly(
  request: HttpRequest,
  next: Transport,
  context: RetryContext,
): Promise<HttpResponse> {
  const { maxAttempts = context.policy.maxAttempts } = request;
  const policy = { ...context.policy, maxAttempts };
  for (let attempt = 1;; attempt++) {
    await awaitPause(request, attempt, context);
    const ended = await sendOnce(request, next, context.now);
    const decision = nextDelay(attempt, ended.outcome, policy);
    if ("error" in ended) {
      if ("stop" in decision) throw countAttempts(ended.error, attempt);
    } else {
      if ("stop" in decision && decision.stop !== "too-long") {
        return ended.response;
      }
      await discardBody(ended.response);
    }
    await prepareNext(request, attempt + 1, decision, context);
  }
}

/** Waits, or makes every request to the host wait at the start of its next attempt. */
async function prepareNext(
  request: HttpRequest,
  attempt: number,
  decision: RetryDecision,
  context: RetryContext,
): Promise<void> {
  const { host } = request.url;
  if ("stop" in decision) {
    if (decision.stop !== "too-long") return;
    context.pauses.pause(host, decision.waitMs, decision.reason);
    throw waitTooLong(host, decision.waitMs, decision.reason);
  }
  const { delayMs, reason } = decision;
  if (decision.hostWide) return context.pauses.pause(host, delayMs, reason);
  request.onRetry?.({ host, attempt, reason, delayMs });
  await context.sleep(delayMs, request.signal);
}

/** Waits while the host asks to be left alone, by this request or another. */
async function awaitPause(
  request: HttpRequest,
  attempt: number,
  { pauses, policy, sleep }: RetryContext,
): Promise<void> {
  const { host } = request.url;
  while (true) {
    const { delayMs, reason } = pauses.remaining(host);
    if (delayMs < 1) return;
    if (delayMs > policy.maxRetryAfterMs) {
      throw waitTooLong(host, delayMs, reason);
    }
    const spreadMs = policy.random() * Math.min(MAX_SPREAD_MS, delayMs / 10);
    const wholeMs = Math.ceil(delayMs + spreadMs);
    request.onRetry?.({ host, attempt, reason, delayMs: wholeMs });
    await sleep(wholeMs, request.signal);
  }
}

async function sendOnce(
  request: HttpRequest,
  next: Transport,
  now: () => number,
): Promise<Attempt> {
  try {
    const response = await next(request);
    const { status } = response;
    const retryAfterMs = readRetryAfter(response, now);
    return { response, outcome: { kind: "status", status, retryAfterMs } };
  } catch (error) {
    const failure = findFailureKind(error);
    if (failure === undefined || !(error instanceof UnavailableError)) {
      throw error;
    }
    return { error, outcome: { kind: "failure", failure } };
  }
}

function readRetryAfter(
  { headers }: HttpResponse,
  now: () => number,
): number | undefined {
  const value = headers.get("retry-after");
  if (value === null) return undefined;
  return findRetryAfter(value, findHttpDate(headers.get("date")) ?? now());
}

function countAttempts(
  error: UnavailableError,
  attempts: number,
): UnavailableError {
  if (attempts === 1) return error;
  return new UnavailableError(
    error.code,
    `${error.message} (${attempts} attempts)`,
    {
      cause: error.cause,
      hint: error.hint,
      details: { ...error.details, attempts },
    },
  );
}

function waitTooLong(
  host: string,
  delayMs: number,
  reason: string,
): UnavailableError {
  const isLimit = reason === RATE_LIMITED;
  const why = isLimit ? "limits the rate" : `is not available (${reason})`;
  const hint = isLimit
    ? `try again then, or log in for a higher limit: dray login ${host}`
    : "try again then";
  return new UnavailableError(
    "rate-limited",
    `Cannot fetch from "${host}": it ${why} and asks to wait ${
      formatWait(delayMs)
    }`,
    { hint, details: { host, retryAfterMs: Math.round(delayMs) } },
  );
}
