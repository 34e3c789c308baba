/** What a registry says is left of its rate limit (Docker Hub's `RateLimit-*` fields). */
export interface RateLimit {
  /** Pulls allowed within the window. */
  readonly limit?: number;
  /** Pulls that are left of them. */
  readonly remaining: number;
  /** Length of the window in seconds. */
  readonly windowS?: number;
}

/** Reads `ratelimit-limit: 100;w=21600` and `ratelimit-remaining: 76;w=21600`; undefined where there is no budget. */
export function findRateLimit(headers: Headers): RateLimit | undefined {
  const remaining = readQuota(headers.get("ratelimit-remaining"));
  if (remaining === undefined) return undefined;
  const limit = readQuota(headers.get("ratelimit-limit"));
  const windowS = limit?.windowS ?? remaining.windowS;
  return {
    ...(limit === undefined ? {} : { limit: limit.count }),
    remaining: remaining.count,
    ...(windowS === undefined ? {} : { windowS }),
  };
}

function readQuota(
  field: string | null,
): { readonly count: number; readonly windowS?: number } | undefined {
  const match = /^\s*([0-9]{1,12})\s*(?:;\s*w=([0-9]{1,12}))?/.exec(
    field ?? "",
  );
  if (match === null) return undefined;
  const [, count, window] = match;
  return window === undefined
    ? { count: Number(count) }
    : { count: Number(count), windowS: Number(window) };
}
