const REASONS: Readonly<Record<number, string>> = {
  200: "OK",
  206: "Partial Content",
  304: "Not Modified",
  400: "Bad Request",
  403: "Forbidden",
  404: "Not Found",
  405: "Method Not Allowed",
  416: "Range Not Satisfiable",
  429: "Too Many Requests",
  431: "Request Header Fields Too Large",
  500: "Internal Server Error",
  501: "Not Implemented",
  503: "Service Unavailable",
};

const encoder = new TextEncoder();

/** Status line and headers of an answer; without a length it tells none. */
export function encodeHead(
  { status, headers }: Response,
  length: number | undefined,
  { keepsAlive }: { readonly keepsAlive: boolean },
): Uint8Array {
  const lines = [`HTTP/1.1 ${status} ${REASONS[status] ?? ""}`];
  for (const [name, value] of headers) {
    if (name !== "content-length") lines.push(`${name}: ${value}`);
  }
  const hasLength = length !== undefined && status !== 304;
  if (hasLength) lines.push(`content-length: ${length}`);
  lines.push(`date: ${new Date().toUTCString()}`);
  lines.push(`connection: ${keepsAlive ? "keep-alive" : "close"}`, "", "");
  return encoder.encode(lines.join("\r\n"));
}
