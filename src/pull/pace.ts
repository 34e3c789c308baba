import { SpeedMeter } from "./speed_meter.ts";

/** An answer that has not begun after this time counts as one without speed, in ms. */
const SLOW_START_MS = 5_000;

/** How fast a request's answer comes, and what holds it up. Times are monotonic, in ms. */
export class Pace {
  readonly #startMs: number;
  #receivedBytes = 0;
  /** From the first byte on. */
  #flow:
    | {
      readonly startMs: number;
      readonly bytes: SpeedMeter;
      readonly busyMs: SpeedMeter;
    }
    | undefined;

  /** @param startMs When the request was sent. */
  constructor(startMs: number) {
    this.#startMs = startMs;
  }

  /** Bytes so far, wanted or not. */
  get receivedBytes(): number {
    return this.#receivedBytes;
  }

  /** What the request took to its first byte; undefined before that. */
  get latencyMs(): number | undefined {
    if (this.#flow === undefined) return undefined;
    return this.#flow.startMs - this.#startMs;
  }

  /** Now; undefined while too little is known. */
  bytesPerSecond(nowMs: number): number | undefined {
    if (this.#flow !== undefined) return this.#flow.bytes.perSecond(nowMs);
    return nowMs - this.#startMs < SLOW_START_MS ? undefined : 0;
  }

  /** Over the whole request, the wait for its first byte included. */
  averageBytesPerSecond(nowMs: number): number {
    return (this.#receivedBytes * 1000) / Math.max(1, nowMs - this.#startMs);
  }

  /** Share of the time in which this machine, not the network, held it up; from 0 to 1. */
  busyShare(nowMs: number): number {
    return (this.#flow?.busyMs.perSecond(nowMs) ?? 0) / 1000;
  }

  /** Bytes arrived. */
  onRead(bytes: number, nowMs: number): void {
    this.#flow ??= {
      startMs: nowMs,
      bytes: new SpeedMeter(nowMs),
      busyMs: new SpeedMeter(nowMs),
    };
    this.#flow.bytes.add(bytes, nowMs);
    this.#receivedBytes += bytes;
  }

  /** Time passed without waiting for the network. */
  onBusy(ms: number, nowMs: number): void {
    this.#flow?.busyMs.add(ms, nowMs);
  }
}
