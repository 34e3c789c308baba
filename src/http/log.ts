import { redactUrl } from "./redact_url.ts";
import type { HttpRequest, HttpResponse, Middleware } from "./http_request.ts";

/** One exchange, with secrets removed. Values of headers come from outside: escape them before they are shown. */
export interface LogEntry {
  /** `GET`, `HEAD` or `POST`. */
  readonly method: string;
  /** Without user name, password, and query values that may be a signature or a token. */
  readonly url: string;
  /** Missing where there was no answer; `error` says why then. */
  readonly status?: number;
  /** What failed, where no answer came. */
  readonly error?: string;
  /** From the request to the answer's headers. */
  readonly durationMs: number;
  /** `Content-Length` of the answer. */
  readonly responseBytes?: number;
  /** As sent, secrets masked. */
  readonly requestHeaders: Readonly<Record<string, string>>;
  /** As received, secrets masked. */
  readonly responseHeaders: Readonly<Record<string, string>>;
}

/** Headers whose values are shown as they are; all others of a request may be credentials. */
const HARMLESS = new Set([
  "accept",
  "accept-encoding",
  "content-type",
  "if-none-match",
  "if-range",
  "range",
  "user-agent",
]);
const SECRET_ANSWERS = new Set([
  "set-cookie",
  "authentication-info",
  "proxy-authentication-info",
]);

/** Reports each exchange to `onLog`. */
export function withLog(
  options: { readonly onLog?: (entry: LogEntry) => void },
): Middleware {
  const { onLog } = options;
  if (onLog === undefined) return (next) => next;
  return (next) => async (request) => {
    const start = performance.now();
    try {
      const response = await next(request);
      onLog({
        ...describeRequest(request, start),
        ...describeResponse(response),
      });
      return response;
    } catch (error) {
      const message = error instanceof Error ? error.message : String(error);
      onLog({
        ...describeRequest(request, start),
        responseHeaders: {},
        error: message,
      });
      throw error;
    }
  };
}

function describeRequest(request: HttpRequest, start: number) {
  const headers = Object.entries(request.headers ?? {}).map(([name, value]) =>
    [
      name.toLowerCase(),
      HARMLESS.has(name.toLowerCase()) ? value : "***",
    ] as const
  );
  return {
    method: request.method ?? "GET",
    url: redactUrl(request.url),
    durationMs: performance.now() - start,
    requestHeaders: Object.fromEntries(headers),
  };
}

function describeResponse(response: HttpResponse) {
  const headers = [...response.headers].map(([name, value]) =>
    [name, redactHeader(name, value, response.url)] as const
  );
  const length = response.headers.get("content-length");
  return {
    status: response.status,
    responseHeaders: Object.fromEntries(headers),
    ...(length === null ? {} : { responseBytes: Number(length) }),
  };
}

function redactHeader(name: string, value: string, base: string): string {
  if (SECRET_ANSWERS.has(name)) return "***";
  if (name !== "location") return value;
  const url = URL.parse(value, base);
  return url === null ? "***" : redactUrl(url);
}
