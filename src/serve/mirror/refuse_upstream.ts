import {
  AuthError,
  DrayError,
  LocalError,
  NotFoundError,
} from "../../errors.ts";
import { RefusedError } from "../refused_error.ts";
import type { RegistryErrorCode } from "../registry_error_document.ts";

/** Whether upstream says that it doesn't have something, as it does of what was deleted there. */
export function isGone(error: unknown): boolean {
  return error instanceof NotFoundError && error.code === "not-found";
}

/**
 * What a client is told of a failure upstream. Its message may name hosts that are none of the
 * client's business, so it goes to whoever runs the mirror.
 *
 * @param unknown Code for what upstream doesn't have.
 */
export function refuseUpstream(
  error: unknown,
  unknown: RegistryErrorCode,
): unknown {
  if (!(error instanceof DrayError)) return error;
  if (error instanceof NotFoundError) {
    return new RefusedError(unknown, "upstream does not have it", {
      cause: error,
    });
  }
  if (error instanceof AuthError) {
    const message = "upstream does not let the mirror in";
    return new RefusedError("DENIED", message, { cause: error });
  }
  if (error.code === "rate-limited") {
    const message = "upstream limits the rate";
    return new RefusedError("TOOMANYREQUESTS", message, { cause: error });
  }
  const who = error instanceof LocalError ? "the mirror" : "upstream";
  return new RefusedError("UNAVAILABLE", `${who} failed`, { cause: error });
}
