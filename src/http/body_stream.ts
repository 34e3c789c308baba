import { type BodyOptions, openBody } from "./body_reader.ts";
import type { HttpResponse } from "./http_request.ts";

/** What a read asks for at most: no more than that waits in memory for a slow consumer. */
const CHUNK_BYTES = 64 * 1024;

/**
 * The body of `response` as a stream that fails as `BodyReader.read` does: with
 * an `UnavailableError` where the connection breaks or is silent for too long,
 * and with the signal's reason on abort.
 */
export function bodyStream(
  response: HttpResponse,
  options: BodyOptions = {},
): ReadableStream<Uint8Array<ArrayBuffer>> {
  const body = openBody(response, options);
  return new ReadableStream({
    async pull(controller) {
      const part = await body.read(new Uint8Array(CHUNK_BYTES));
      if (part.length === 0) controller.close();
      else controller.enqueue(part);
    },
    cancel: () => body.cancel(),
  }, { highWaterMark: 0 });
}
