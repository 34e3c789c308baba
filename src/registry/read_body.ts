import { openBody } from "../http/body_reader.ts";
import type { HttpResponse } from "../http/http_request.ts";

/** Longest wait for the next piece, and for all of it: an error page isn't worth more. */
const MAX_SILENCE_MS = 5_000;
const MAX_DURATION_MS = 10_000;

/**
 * The first bytes of a body, as many as there are up to a limit. A body that
 * breaks off or stalls gives what came of it: an error page is read for its text only.
 *
 * @param maxBytes Where reading stops.
 */
export async function readPrefix(
  response: HttpResponse,
  maxBytes: number,
  signal?: AbortSignal,
): Promise<Uint8Array> {
  const body = openBody(response, {
    idleTimeoutMs: MAX_SILENCE_MS,
    ...(signal === undefined ? {} : { signal }),
  });
  const deadlineMs = performance.now() + MAX_DURATION_MS;
  const prefix = new Uint8Array(maxBytes);
  let length = 0;
  try {
    while (length < maxBytes && performance.now() < deadlineMs) {
      const part = await body.read(
        new Uint8Array(Math.min(maxBytes - length, 16_384)),
      );
      if (part.length === 0) break;
      prefix.set(part, length);
      length += part.length;
    }
  } catch {
    signal?.throwIfAborted();
  } finally {
    await body.cancel();
  }
  return prefix.subarray(0, length);
}
