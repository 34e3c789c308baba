import { OperationError } from "../errors.ts";
import { quoteText } from "../spec/escape_text.ts";
import { findContentRange } from "./content_range.ts";
import { discardBody } from "./discard_body.ts";
import type { HttpResponse, Middleware } from "./http_request.ts";
import { responseAt } from "./response_at.ts";

const DECODERS: ReadonlyMap<string, CompressionFormat> = new Map([
  ["gzip", "gzip"],
  ["x-gzip", "gzip"],
  ["deflate", "deflate"],
]);

/**
 * Asks for bytes as they are stored, and mends answers that are encoded all the
 * same, as some proxies send them: where the length is the one that the caller
 * expects, the header is wrong and goes; a whole gzip or deflate answer is
 * decoded. Digests are over the stored bytes, so nothing above sees an encoding.
 */
export function withIdentity(): Middleware {
  return (next) => async (request) => {
    const headers = { ...request.headers, "accept-encoding": "identity" };
    const response = await next({ ...request, headers });
    const encoding =
      response.headers.get("content-encoding")?.trim().toLowerCase() ?? "";
    if (encoding === "" || encoding === "identity") return response;
    if (
      request.expectedBytes !== undefined &&
      storedBytes(response) === request.expectedBytes
    ) {
      return rebuild(response, ["content-encoding"], response.body);
    }
    const format = DECODERS.get(encoding);
    if (format === undefined || response.status === 206) {
      throw await refuse(response, encoding);
    }
    const body = response.body?.pipeThrough(new DecompressionStream(format)) ??
      null;
    return rebuild(response, ["content-encoding", "content-length"], body);
  };
}

function storedBytes({ headers, status }: HttpResponse): number | undefined {
  const total = findContentRange(headers.get("content-range"))?.total;
  return status === 206 ? total : Number(headers.get("content-length") ?? NaN);
}

function rebuild(
  response: HttpResponse,
  dropped: readonly string[],
  body: ReadableStream<Uint8Array<ArrayBuffer>> | null,
): HttpResponse {
  const headers = new Headers(response.headers);
  dropped.forEach((name) => headers.delete(name));
  const { status, statusText } = response;
  return responseAt(response.url, body, { status, statusText, headers });
}

async function refuse(
  response: HttpResponse,
  encoding: string,
): Promise<OperationError> {
  await discardBody(response);
  const host = URL.parse(response.url)?.host ?? "the server";
  const what = `it sends the encoding ${
    quoteText(encoding)
  } although none was asked for`;
  return new OperationError("protocol", `Cannot read from "${host}": ${what}`, {
    details: { host },
  });
}
