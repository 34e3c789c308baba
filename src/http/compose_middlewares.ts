import type { Middleware, Transport } from "./http_request.ts";

/** Wraps `inner` in `middlewares`, of which the first is the outermost. */
export function composeMiddlewares(
  middlewares: readonly Middleware[],
  inner: Transport,
): Transport {
  return middlewares.reduceRight((next, wrap) => wrap(next), inner);
}
