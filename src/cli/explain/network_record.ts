import type { NetworkListeners } from "../../app.ts";
import type { LogEntry } from "../../http/log.ts";
import type { CredentialLookup } from "../../registry/credential_sources.ts";
import type { RateLimit } from "../../registry/rate_limit.ts";

/** What happened on the network, as far as an explanation tells of it. */
export interface NetworkRecord {
  /** Of the reference at work, in their order. */
  readonly exchanges: readonly LogEntry[];
  /** The last one for each registry. */
  readonly lookups: ReadonlyMap<string, CredentialLookup>;
  /** The last one that each registry named. */
  readonly rateLimits: ReadonlyMap<string, RateLimit>;
}

/** A record that is being written. */
export interface NetworkRecorder {
  readonly record: NetworkRecord;
  readonly listeners: Pick<
    NetworkListeners,
    "onLog" | "onLookup" | "onRateLimit"
  >;
  /** Credentials are looked up once for several references, exchanges are of one. */
  nextReference(): void;
}

/** Starts to record. */
export function recordNetwork(): NetworkRecorder {
  const exchanges: LogEntry[] = [];
  const lookups = new Map<string, CredentialLookup>();
  const rateLimits = new Map<string, RateLimit>();
  return {
    record: { exchanges, lookups, rateLimits },
    listeners: {
      onLog: (entry) => exchanges.push(entry),
      onLookup: (lookup) => lookups.set(lookup.registry, lookup),
      onRateLimit: (limit, registry) => rateLimits.set(registry, limit),
    },
    nextReference: () => exchanges.splice(0),
  };
}
