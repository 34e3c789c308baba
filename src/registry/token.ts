/** An access token and how long it holds. */
export interface Token {
  readonly value: string;
  /** Wall clock in ms from which on it counts as expired. */
  readonly expiresAtMs: number;
}

/** What a token without a stated lifetime holds for (distribution, token specification). */
const DEFAULT_LIFETIME_S = 60;
/** A longer one is not believed: the clock of this machine may be set meanwhile. */
const MAX_LIFETIME_S = 24 * 60 * 60;
/** A token this close to its end is replaced before it is sent: the request takes time to arrive. */
const MARGIN_MS = 10_000;

/**
 * Reads the answer of a token service; undefined where there is no usable token in it.
 *
 * @param requestedAtMs Wall clock when it was asked for: the service's own clock is not trusted.
 */
export function findToken(
  body: Uint8Array,
  requestedAtMs: number,
): Token | undefined {
  const answer = parseJson(body);
  if (typeof answer !== "object" || answer === null) return undefined;
  const fields = new Map<string, unknown>(Object.entries(answer));
  const value = [fields.get("token"), fields.get("access_token")].find(
    isTokenText,
  );
  if (value === undefined) return undefined;
  const lifetimeS = Math.max(
    readLifetime(fields.get("expires_in")),
    DEFAULT_LIFETIME_S,
  );
  return {
    value,
    expiresAtMs: requestedAtMs + Math.min(lifetimeS, MAX_LIFETIME_S) * 1_000 -
      MARGIN_MS,
  };
}

/** Visible ASCII only: the text becomes a header. */
function isTokenText(value: unknown): value is string {
  return typeof value === "string" && /^[\x21-\x7e]+$/.test(value);
}

/** Some services write the number as text. */
function readLifetime(value: unknown): number {
  const seconds = typeof value === "string" && value !== ""
    ? Number(value)
    : value;
  return typeof seconds === "number" && Number.isFinite(seconds)
    ? seconds
    : DEFAULT_LIFETIME_S;
}

function parseJson(body: Uint8Array): unknown {
  try {
    return JSON.parse(new TextDecoder().decode(body));
  } catch {
    return undefined;
  }
}
