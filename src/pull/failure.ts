import {
  DrayError,
  IntegrityError,
  OperationError,
  UnavailableError,
} from "../errors.ts";
import { type FailureKind, findFailureKind } from "../http/network_error.ts";

/** In which part of a request something failed. */
export type FailurePhase = "headers" | "body";

/** A refusal that the same request would meet again. */
const FINAL_CODES: ReadonlySet<string> = new Set(["rate-limited", "tls"]);

/**
 * The transport takes a second or two over these, no longer, so that a wrong address is told soon.
 * Here the address was right a moment ago, and a registry that restarts needs longer.
 */
const TOLD_SOON: ReadonlySet<FailureKind | undefined> = new Set<FailureKind>([
  "refused",
  "lookup",
  "handshake",
  "proxy",
]);

/**
 * How much of a range's retry budget a failure costs; undefined where another
 * attempt would be of no use. A body that dies is common and cheap; behind a
 * failure before it there were longer retries already, by the transport; and an answer
 * of the wrong size is a mistake more often than an accident.
 */
export function failureCost(
  error: unknown,
  phase: FailurePhase,
): number | undefined {
  if (error instanceof UnavailableError) {
    if (FINAL_CODES.has(error.code)) return undefined;
    return phase === "body" || TOLD_SOON.has(findFailureKind(error)) ? 1 : 2;
  }
  if (error instanceof IntegrityError) {
    return error.code === "digest-unsupported" ? undefined : 2;
  }
  if (error instanceof OperationError) return 3;
  return undefined;
}

/**
 * Whether an answer to a range was so wrong that the blob is better asked for
 * whole: another offset, another total, an encoding, several parts.
 */
export function isRangeRefused(error: unknown, phase: FailurePhase): boolean {
  if (phase !== "headers" || !(error instanceof DrayError)) return false;
  return error instanceof IntegrityError || error instanceof OperationError ||
    error.details.status === 206 || error.details.status === 416;
}

/** A line for a person: what went wrong, without the start that names the blob again. */
export function failureReason(error: unknown): string {
  if (!(error instanceof DrayError)) return String(error);
  return error.message.replace(/^Cannot [a-z ]+ "[^"]*": /, "");
}
