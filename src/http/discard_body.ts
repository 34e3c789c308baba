import { openBody } from "./body_reader.ts";
import type { HttpResponse } from "./http_request.ts";

/** A body up to this is read to its end, which keeps the connection for the next request. */
const MAX_DRAINED_BYTES = 16_384;
/** More than a few round trips are not worth a connection. */
const MAX_DRAIN_MS = 500;

/**
 * Ends a body that nobody wants. Cancelling closes the connection (measured)
 * unless the whole body has arrived, and a new one costs up to three round
 * trips; so a short body, such as a redirect's or an error's, is read instead.
 */
export async function discardBody(response: HttpResponse): Promise<void> {
  const signal = AbortSignal.timeout(MAX_DRAIN_MS);
  const body = openBody(response, { signal });
  const length = Number(response.headers.get("content-length") ?? 0);
  try {
    if (length > MAX_DRAINED_BYTES) return;
    let memory = new Uint8Array(MAX_DRAINED_BYTES);
    for (let size = 0; size < MAX_DRAINED_BYTES;) {
      const part = await body.read(memory);
      if (part.length === 0) return;
      size += part.length;
      memory = new Uint8Array(part.buffer);
    }
  } catch {
    // The connection is of no use any more, which is all there is to know here.
  } finally {
    await body.cancel();
  }
}
