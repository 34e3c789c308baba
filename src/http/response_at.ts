import type { HttpResponse } from "./http_request.ts";

/** Statuses that the constructor of a response takes no body with. */
const WITHOUT_BODY = new Set([101, 204, 205, 304]);

/** Whether an answer of this status can have a body. */
export function mayHaveBody(status: number): boolean {
  return !WITHOUT_BODY.has(status);
}

/** Builds a response as `fetch` would: with the URL that it came from, which the constructor has no parameter for. */
export function responseAt(
  url: string,
  body: ReadableStream<Uint8Array<ArrayBuffer>> | null,
  init: {
    readonly status: number;
    readonly statusText: string;
    readonly headers: Headers;
  },
): HttpResponse {
  const response = new Response(mayHaveBody(init.status) ? body : null, init);
  Object.defineProperty(response, "url", { value: url });
  return response;
}
