import type { Exchange } from "../serve/http/serve_connection.ts";
import { excerptText } from "../spec/escape_text.ts";

/**
 * One answer as a line for a person:
 * `127.0.0.1 GET /v2/library/alpine/tags/list 200 42 B in 3 ms (docker/29.1)`.
 */
export function renderExchange(exchange: Exchange): string {
  const { remote, method, target, status, bytes, userAgent } = exchange;
  const duration = Math.round(exchange.durationMs);
  const parts = [
    `${excerptText(remote)} ${excerptText(method)} ${excerptText(target)}`,
    `${status} ${bytes} B in ${duration} ms`,
    ...userAgent === undefined ? [] : [`(${excerptText(userAgent)})`],
    ...exchange.isWhole ? [] : ["broken off"],
  ];
  return parts.join(" ");
}

/** One answer as an object of `--json`. */
export function exchangeJson(
  exchange: Exchange,
  nowMs: number,
): Readonly<Record<string, unknown>> {
  const { isWhole, durationMs, ...rest } = exchange;
  return {
    event: "request",
    at: new Date(nowMs).toISOString(),
    ...rest,
    durationMs: Math.round(durationMs),
    whole: isWhole,
  };
}
