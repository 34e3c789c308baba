import type { FailureKind } from "./network_error.ts";

/** How failed exchanges are tried again. */
export interface RetryOptions {
  /** Attempts in all, the first among them. Default 5. */
  readonly maxAttempts?: number;
  /** A `Retry-After` beyond this is an error, not a wait. Default 300,000 (5 minutes). */
  readonly maxRetryAfterMs?: number;
  /** Wall clock in ms, for answers that name a date. Default `Date.now`. */
  readonly now?: () => number;
  /** A clock in ms that only runs forward, for pauses. Default `performance.now`. */
  readonly monotonicNow?: () => number;
  /** From 0 up to but not including 1. Default `Math.random`. */
  readonly random?: () => number;
  /** Resolves after `ms`, or rejects with the signal's reason at once. Default: a timer. */
  readonly sleep?: (ms: number, signal?: AbortSignal) => Promise<void>;
}

/** What {@linkcode nextDelay} decides by. */
export interface RetryPolicy {
  readonly maxAttempts: number;
  readonly maxRetryAfterMs: number;
  readonly random: () => number;
}

/** How an attempt ended. */
export type Outcome =
  | {
    readonly kind: "status";
    readonly status: number;
    /** What its `Retry-After` asks for, in ms; missing where it says nothing of use. */
    readonly retryAfterMs?: number | undefined;
  }
  | { readonly kind: "failure"; readonly failure: FailureKind };

/** Whether and when to try again. */
export type RetryDecision =
  | {
    readonly delayMs: number;
    /** For people. */
    readonly reason: string;
    /** The host asked for patience: every request to it waits, not just this one. */
    readonly hostWide: boolean;
  }
  | {
    /** `final`: trying again would not help. */
    readonly stop: "final" | "exhausted";
  }
  | {
    /** The host asks for more patience than is allowed. */
    readonly stop: "too-long";
    readonly waitMs: number;
    readonly reason: string;
  };

/** Upper bounds of the waits: the n-th is at most `baseMs` doubled n-1 times, and never over `maxMs`. */
interface Backoff {
  readonly baseMs: number;
  readonly maxMs: number;
  /** Attempts in all, where fewer than the policy's are worth the time. */
  readonly maxAttempts?: number;
  /** The part of the upper bound that is waited in any case; chance decides on the rest. Default 0. */
  readonly least?: number;
}

const NORMAL: Backoff = { baseMs: 500, maxMs: 10_000 };
/** A host that limits the rate is not asked again at once, by whatever chance. */
const PATIENT: Backoff = { ...NORMAL, least: 0.5 };
/** A server that restarts is back in a second or two; a wrong address should be told soon. 2.4 s at most with five attempts. */
const QUICK: Backoff = { baseMs: 200, maxMs: 1_000 };
/** Each attempt took its whole time limit already. */
const RARE: Backoff = { baseMs: 500, maxMs: 2_000, maxAttempts: 3 };

/** The reason for people of a wait that a host asked for. */
export const RATE_LIMITED = "rate limited";

const RETRIED_STATUSES = new Set([408, 429, 500, 502, 503, 504]);

const RETRIED_FAILURES: Readonly<
  Partial<Record<FailureKind, readonly [Backoff, string]>>
> = {
  refused: [QUICK, "connection refused"],
  lookup: [QUICK, "name lookup failed"],
  handshake: [QUICK, "connection broke"],
  reset: [NORMAL, "connection broke"],
  proxy: [QUICK, "proxy refused"],
  timeout: [RARE, "timeout"],
};

/**
 * Decides what follows a failed attempt: exponential waits with full jitter,
 * or what the host asked for.
 *
 * @param attempt How many attempts there were, from 1.
 */
export function nextDelay(
  attempt: number,
  outcome: Outcome,
  policy: RetryPolicy,
): RetryDecision {
  if (outcome.kind === "failure") {
    const [backoff, reason] = RETRIED_FAILURES[outcome.failure] ?? [];
    if (backoff === undefined || reason === undefined) {
      return { stop: "final" };
    }
    return withBackoff(attempt, backoff, reason, policy);
  }
  const { status, retryAfterMs = 0 } = outcome;
  if (!RETRIED_STATUSES.has(status)) return { stop: "final" };
  const isLimit = status === 429;
  const reason = isLimit ? RATE_LIMITED : `HTTP ${status}`;
  if (retryAfterMs > policy.maxRetryAfterMs) {
    return { stop: "too-long", waitMs: retryAfterMs, reason };
  }
  const backoff = isLimit ? PATIENT : NORMAL;
  const decision = withBackoff(attempt, backoff, reason, policy);
  if ("stop" in decision) return decision;
  if (retryAfterMs === 0) return { ...decision, hostWide: isLimit };
  const hostWide = isLimit || status === 503;
  return { ...decision, delayMs: retryAfterMs, hostWide };
}

function withBackoff(
  attempt: number,
  { baseMs, maxMs, maxAttempts = Infinity, least = 0 }: Backoff,
  reason: string,
  policy: RetryPolicy,
): RetryDecision {
  if (attempt >= Math.min(maxAttempts, policy.maxAttempts)) {
    return { stop: "exhausted" };
  }
  const ceilingMs = Math.min(maxMs, baseMs * 2 ** (attempt - 1));
  const floorMs = least * ceilingMs;
  const delayMs = Math.round(
    floorMs + policy.random() * (ceilingMs - floorMs),
  );
  return { delayMs, reason, hostWide: false };
}
