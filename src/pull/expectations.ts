import type { Pace } from "./pace.ts";

/** What a connection to a registry may be expected to do. */
export interface Expectation {
  readonly freshBytesPerSecond: number;
  readonly latencyMs: number;
}

/** A request in flight, or one that ended. */
export interface Observed {
  readonly registry: string;
  readonly pace: Pace;
}

/** Until a registry has answered, in ms. */
const DEFAULT_LATENCY_MS = 200;
/** A transfer of fewer bytes says more about latency than about speed. */
const TELLING_BYTES = 256 * 1024;
/** How much of what was known outweighs one more observation. */
const INERTIA = 0.7;

/** Learns from connections that went well what the next one will do. */
export class Expectations {
  readonly #byRegistry: Map<string, Expectation>;

  constructor(known: Iterable<readonly [string, Expectation]> = []) {
    this.#byRegistry = new Map(known);
  }

  of(registry: string): Expectation {
    return this.#byRegistry.get(registry) ??
      { freshBytesPerSecond: 0, latencyMs: DEFAULT_LATENCY_MS };
  }

  /** A request ended. */
  learn({ registry, pace }: Observed, nowMs: number): void {
    const { latencyMs } = pace;
    if (latencyMs === undefined) return;
    const before = this.#byRegistry.get(registry);
    const speed = pace.receivedBytes < TELLING_BYTES
      ? 0
      : pace.averageBytesPerSecond(nowMs);
    this.#byRegistry.set(registry, {
      freshBytesPerSecond: blend(before?.freshBytesPerSecond ?? 0, speed),
      latencyMs: mix(before?.latencyMs ?? latencyMs, latencyMs),
    });
  }

  /** What is expected in the light of requests in flight, too. */
  with(flying: readonly Observed[], nowMs: number): Expectations {
    const seen = new Map(this.#byRegistry);
    for (const { registry, pace } of flying) {
      const { latencyMs } = pace;
      if (latencyMs === undefined) continue;
      const known = seen.get(registry);
      const speed = pace.bytesPerSecond(nowMs) ?? 0;
      seen.set(registry, {
        freshBytesPerSecond: Math.max(known?.freshBytesPerSecond ?? 0, speed),
        latencyMs: known?.latencyMs ?? latencyMs,
      });
    }
    return new Expectations(seen);
  }
}

/** Rises at once and falls slowly: a slow connection says little about what a fresh one can do. */
function blend(before: number, speed: number): number {
  if (speed === 0 || speed > before) return Math.max(before, speed);
  return mix(before, speed);
}

function mix(before: number, now: number): number {
  return before * INERTIA + now * (1 - INERTIA);
}
