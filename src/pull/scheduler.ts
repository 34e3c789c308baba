import type { BlobFill } from "./blob_fill.ts";
import type { ConnectionPool, Lease } from "./connection_pool.ts";
import { Expectations } from "./expectations.ts";
import type { Piece } from "./piece.ts";
import {
  type PieceView,
  planSplits,
  type SplitOptions,
} from "./split_policy.ts";

/** How connections are given to blobs. */
export interface SchedulerOptions extends Omit<SplitOptions, "idle"> {
  /** Monotonic clock, ms. */
  readonly now: () => number;
  /** Whether whole blobs wait for their turn; until none does, nothing is split. */
  readonly moreToCome: () => boolean;
}

/** How often ranges in flight are looked at while a connection is idle, in ms. */
const LOOK_AGAIN_MS = 50;
/** A range that moved from connection to connection this often stays where it is. */
const MAX_TAKE_OVERS = 3;

interface FlyingPiece extends PieceView {
  readonly fill: BlobFill;
  readonly piece: Piece;
}

/**
 * Lends the pool's connections to blobs: first one to each blob, then one to
 * each range that waits, then splits what is in flight.
 */
export class Scheduler implements Disposable {
  readonly #pool: ConnectionPool;
  readonly #options: SchedulerOptions;
  readonly #fills = new Set<BlobFill>();
  readonly #expectations = new Expectations();
  readonly #stopListening: () => void;
  #isQueued = false;
  #timer: ReturnType<typeof setTimeout> | undefined;

  constructor(pool: ConnectionPool, options: SchedulerOptions) {
    this.#pool = pool;
    this.#options = options;
    this.#stopListening = pool.onIdle(() => this.#wake());
  }

  /** Works at a fill until it is done; rejects with what ended it. */
  async complete(fill: BlobFill): Promise<void> {
    this.#fills.add(fill);
    this.#wake();
    try {
      await fill.done;
    } finally {
      this.#fills.delete(fill);
      this.#wake();
    }
  }

  [Symbol.dispose](): void {
    this.#stopListening();
    clearTimeout(this.#timer);
  }

  /** Everything that happens in one turn of the event loop is answered once. */
  #wake(): void {
    if (this.#isQueued) return;
    this.#isQueued = true;
    queueMicrotask(() => {
      this.#isQueued = false;
      this.#lend();
    });
  }

  #lend(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    // Whatever waits is looked at again when a connection falls idle.
    if (this.#fills.size === 0 || this.#pool.idle === 0) return;
    // One time for all: a wait that ends in between would be seen by nobody.
    const nowMs = this.#options.now();
    this.#lendToWaiting(nowMs);
    const mayGrow = this.#pool.idle > 0 && !this.#options.moreToCome();
    if (mayGrow && this.#split(nowMs)) this.#lendToWaiting(nowMs);
    this.#lookAgain(nowMs);
  }

  #lendToWaiting(nowMs: number): void {
    const isServed = (fill: BlobFill) => fill.ranges.pieces.size > 0;
    const served = [...this.#fills].filter(isServed);
    for (const fill of this.#fills) {
      if (!isServed(fill)) this.#lendTo(fill, nowMs);
    }
    for (const fill of served) this.#lendTo(fill, nowMs);
  }

  #lendTo(fill: BlobFill, nowMs: number): void {
    while (this.#pool.idle > 0) {
      const piece = fill.take(nowMs);
      if (piece === undefined) return;
      const lease = this.#pool.tryAcquire();
      if (lease === undefined) return;
      void this.#run(fill, piece, lease);
    }
  }

  async #run(fill: BlobFill, piece: Piece, lease: Lease): Promise<void> {
    try {
      await fill.run(piece);
    } finally {
      this.#expectations.learn(
        { registry: fill.registry, pace: piece.pace },
        this.#options.now(),
      );
      lease.release();
    }
  }

  /** Whether there is something for an idle connection now. */
  #split(nowMs: number): boolean {
    const flying = this.#view(nowMs);
    const splits = planSplits(flying, {
      ...this.#options,
      idle: this.#pool.idle,
    });
    for (const split of splits) {
      const { fill, piece } = split.piece;
      if (split.kind === "split") fill.ranges.split(piece, split.cuts);
      else fill.takeOver(piece);
    }
    return splits.length > 0;
  }

  #view(nowMs: number): readonly FlyingPiece[] {
    const flying = [...this.#fills].flatMap((fill) =>
      [...fill.ranges.pieces].map((piece) => ({ fill, piece }))
    );
    const expected = this.#expectations.with(
      flying.map(({ fill: { registry }, piece }) => ({
        registry,
        pace: piece.pace,
      })),
      nowMs,
    );
    return flying.map(({ fill, piece }) => ({
      fill,
      piece,
      position: piece.position,
      end: piece.end,
      bytesPerSecond: piece.pace.bytesPerSecond(nowMs),
      busyShare: piece.pace.busyShare(nowMs),
      ...expected.of(fill.registry),
      canSplit: fill.ranges.canSplit && piece.pace.latencyMs !== undefined,
      canTakeOver: fill.ranges.canSplit && piece.takeOvers < MAX_TAKE_OVERS,
    }));
  }

  /** Backoffs end, and speeds become known, without an event. */
  #lookAgain(nowMs: number): void {
    if (this.#pool.idle === 0) return;
    let nextMs = Infinity;
    for (const { ranges } of this.#fills) {
      nextMs = Math.min(nextMs, ranges.nextAtMs(nowMs));
      if (ranges.pieces.size > 0) {
        nextMs = Math.min(nextMs, nowMs + LOOK_AGAIN_MS);
      }
    }
    if (nextMs === Infinity) return;
    this.#timer = setTimeout(() => this.#lend(), Math.max(1, nextMs - nowMs));
  }
}
