import { BlobRanges } from "./blob_ranges.ts";
import { failureCost, failureReason, isRangeRefused } from "./failure.ts";
import { FRESH, type Piece } from "./piece.ts";
import type { BlobIngest } from "./ports.ts";
import {
  progressQuantum,
  type RetryBudget,
  retryDelay,
} from "./retry_budget.ts";
import { type PieceContext, type PieceFailure, runPiece } from "./run_piece.ts";

/** What a fill shares with the others of its engine. */
export interface FillSettings extends
  Pick<
    PieceContext,
    "client" | "limiter" | "now" | "idleTimeoutMs" | "deadlines"
  > {
  readonly retry: RetryBudget;
  /** From 0 up to 1. */
  readonly random: () => number;
}

/** A wait before a range is asked for again. */
export interface RetryWait {
  readonly attempt: number;
  readonly reason: string;
  readonly delayMs: number;
}

/** What is filled, and who hears of it. */
export interface FillJob
  extends Pick<PieceContext, "repository" | "descriptor" | "sources"> {
  readonly ingest: BlobIngest;
  /** Bytes arrived, wanted or not. */
  readonly onReceived: (bytes: number) => void;
  /** Bytes are on disk. */
  readonly onWritten: (bytes: number) => void;
  readonly onRetry: (wait: RetryWait) => void;
}

/** Brings the missing bytes of one blob, on connections that a scheduler lends it. */
export class BlobFill {
  readonly ranges: BlobRanges;
  readonly #job: FillJob;
  readonly #settings: FillSettings;
  readonly #context: PieceContext;
  readonly #done = Promise.withResolvers<void>();
  readonly #takenOver = new WeakSet<Piece>();
  readonly #quantum: number;
  #failure: { readonly error: unknown } | undefined;

  constructor(job: FillJob, settings: FillSettings) {
    const { ingest, descriptor } = job;
    this.ranges = new BlobRanges(descriptor.size, ingest.missing);
    this.#job = job;
    this.#settings = settings;
    this.#quantum = progressQuantum(descriptor.size);
    this.#context = {
      ...settings,
      ...job,
      ranges: this.ranges,
      write: async (piece, part, bytes) => {
        await ingest.writeAt(part.start, bytes);
        piece.onWritten(part);
        this.#onWritten(piece, bytes.length);
      },
    };
    this.#done.promise.catch(() => {});
    this.#settle();
  }

  /** Resolves when every byte is on disk. When it settles, nothing is in flight. */
  get done(): Promise<void> {
    return this.#done.promise;
  }

  /** Speeds are compared within a registry. */
  get registry(): string {
    const { repository } = this.#job;
    return typeof repository === "string" ? repository : repository.registry;
  }

  /** The next request, if one may be sent now; the caller runs it. */
  take(nowMs: number): Piece | undefined {
    return this.#failure === undefined ? this.ranges.take(nowMs) : undefined;
  }

  /** Sends a piece's request and moves its answer; never rejects. */
  async run(piece: Piece): Promise<void> {
    const failure = await runPiece(piece, this.#context);
    if (this.#takenOver.has(piece)) {
      const lineage = {
        failures: piece.failures,
        takeOvers: piece.takeOvers + 1,
      };
      this.ranges.giveBack(piece, lineage, -Infinity);
    } else if (failure === undefined) {
      this.ranges.giveBack(piece, FRESH, -Infinity);
    } else if (!this.#retry(piece, failure)) {
      this.ranges.giveBack(piece, FRESH, -Infinity);
      this.abort(failure.error);
    }
    this.#settle();
  }

  /** Ends a piece so that a faster connection gets its range. */
  takeOver(piece: Piece): void {
    this.#takenOver.add(piece);
    piece.controller.abort(new DOMException("Taken over", "AbortError"));
  }

  /** Ends everything; `done` rejects with the reason. */
  abort(reason: unknown): void {
    this.#failure ??= { error: reason };
    for (const piece of this.ranges.pieces) piece.controller.abort(reason);
    this.#settle();
  }

  #retry(piece: Piece, { error, phase }: PieceFailure): boolean {
    const cost = failureCost(error, phase);
    if (cost === undefined || this.#failure !== undefined) return false;
    if (phase === "body" && piece.source !== undefined) {
      this.#job.sources.avoid(piece.source);
    }
    const { retry, random, now } = this.#settings;
    const failures = piece.failures + cost;
    const backoffMs = retryDelay(failures, random(), retry);
    if (backoffMs === undefined) return false;
    // A connection that did its work before it broke is not a reason to wait.
    const delayMs = piece.hasGained && failures === 1 ? 0 : backoffMs;
    this.ranges.onFailure();
    if (piece.request !== undefined && isRangeRefused(error, phase)) {
      this.ranges.onRangeRefused();
    }
    this.ranges.giveBack(
      piece,
      { failures, takeOvers: piece.takeOvers },
      now() + delayMs,
    );
    this.#job.onRetry({
      attempt: failures,
      reason: failureReason(error),
      delayMs,
    });
    return true;
  }

  #onWritten(piece: Piece, bytes: number): void {
    if (piece.onGained(bytes, this.#quantum)) this.ranges.onProgress();
    this.#job.onWritten(bytes);
  }

  #settle(): void {
    if (this.#failure !== undefined) {
      if (this.ranges.pieces.size === 0) this.#done.reject(this.#failure.error);
    } else if (this.ranges.complete) this.#done.resolve();
  }
}
