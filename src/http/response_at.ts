import type { HttpResponse } from "./http_request.ts";

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
  const hasBody = ![101, 204, 205, 304].includes(init.status);
  const response = new Response(hasBody ? body : null, init);
  Object.defineProperty(response, "url", { value: url });
  return response;
}
