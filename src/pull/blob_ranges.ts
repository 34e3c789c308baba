import {
  addRange,
  type ByteRange,
  clipRanges,
  type RangeSet,
  subtractRange,
  totalBytes,
} from "../io/byte_range.ts";
import { FRESH, type Lineage, Piece } from "./piece.ts";

/** Ranges that wait for a connection. */
interface Pending extends Lineage {
  readonly gaps: RangeSet;
  /** Monotonic time, ms. */
  readonly notBeforeMs: number;
}

/**
 * Which bytes of a blob are missing, and who is at work on them. Every missing
 * byte is in exactly one place: waiting, or wanted by one piece in flight.
 */
export class BlobRanges {
  readonly size: number;
  readonly #pending: Pending[] = [];
  readonly #pieces = new Set<Piece>();
  /** Answers come whole, or wrong: no more than one request at a time. */
  #oneStream = false;
  /** `Range` led nowhere: ask without it. */
  #withoutRange = false;
  /** The last request failed: one at a time until bytes arrive again. */
  #troubled = false;

  constructor(size: number, missing: RangeSet) {
    this.size = size;
    for (const range of missing) {
      this.#pending.push({ gaps: [range], ...FRESH, notBeforeMs: -Infinity });
    }
  }

  get pieces(): ReadonlySet<Piece> {
    return this.#pieces;
  }

  /** Whether every byte is on disk. */
  get complete(): boolean {
    return this.#pending.length === 0 && this.#pieces.size === 0;
  }

  /** Missing bytes, those on their way included. */
  get missingBytes(): number {
    let bytes = 0;
    for (const { gaps } of this.#pending) bytes += totalBytes(gaps);
    for (const { gaps } of this.#pieces) bytes += totalBytes(gaps);
    return bytes;
  }

  /** Whether ranges in flight may be split. */
  get canSplit(): boolean {
    return !this.#oneStream && !this.#troubled;
  }

  /** When the next wait between two attempts ends; Infinity when there is none. */
  nextAtMs(nowMs: number): number {
    let next = Infinity;
    for (const { notBeforeMs } of this.#pending) {
      if (notBeforeMs > nowMs) next = Math.min(next, notBeforeMs);
    }
    return next;
  }

  /** The next request, if one may be sent now. */
  take(nowMs: number): Piece | undefined {
    if (this.#pieces.size > 0 && (this.#oneStream || this.#troubled)) {
      return undefined;
    }
    const at = this.#pending.findIndex(({ notBeforeMs }) =>
      notBeforeMs <= nowMs
    );
    const found = this.#pending[at];
    if (found === undefined) return undefined;
    const lineage = this.#oneStream ? this.#mergedLineage() : found;
    const gaps = this.#oneStream ? this.#takeAll() : found.gaps;
    if (!this.#oneStream) this.#pending.splice(at, 1);
    const piece = new Piece(gaps, this.#requestFor(gaps), this.size, {
      nowMs,
      lineage,
    });
    this.#pieces.add(piece);
    return piece;
  }

  /** Ends a piece; what it did not bring waits again, until `notBeforeMs`. */
  giveBack(piece: Piece, lineage: Lineage, notBeforeMs: number): void {
    piece.finish();
    this.#pieces.delete(piece);
    if (piece.gaps.length === 0) return;
    this.#pending.push({ ...lineage, gaps: piece.gaps, notBeforeMs });
  }

  /** Shortens a piece; what follows each cut waits for a connection of its own. */
  split(piece: Piece, cuts: readonly number[]): void {
    for (const cut of cuts.toSorted((a, b) => b - a)) {
      const gaps = piece.cutAt(cut);
      if (gaps.length > 0) {
        this.#pending.push({ gaps, ...FRESH, notBeforeMs: -Infinity });
      }
    }
  }

  /**
   * A range was answered with the whole blob. One stream shall bring all that
   * no other does: one that is under way already, or else this one.
   *
   * @returns Whether `piece` is that stream.
   */
  onWholeAnswer(piece: Piece): boolean {
    this.#oneStream = true;
    for (const host of this.#pieces) {
      if (
        host !== piece && host.request === undefined &&
        host.reachesEnd(this.size)
      ) {
        this.#handOver(piece, host);
        return false;
      }
    }
    piece.becomeWhole(
      piece.gaps.reduce<RangeSet>(addRange, this.#takeAll()),
      this.size,
    );
    return true;
  }

  /** A range was refused (416), or answered with something else: from now on without one. */
  onRangeRefused(): void {
    this.#oneStream = true;
    this.#withoutRange = true;
  }

  /** A request failed. */
  onFailure(): void {
    this.#troubled = true;
  }

  /** Bytes arrive. */
  onProgress(): void {
    this.#troubled = false;
  }

  /** What still lies before the host becomes its own; the rest waits. */
  #handOver(piece: Piece, host: Piece): void {
    host.extend(piece.cutAt(host.position));
    const waiting = this.#takeAll();
    host.extend(clipStart(waiting, host.position));
    const behind = clipRanges(waiting, host.position);
    if (behind.length > 0) {
      this.#pending.push({ ...FRESH, gaps: behind, notBeforeMs: -Infinity });
    }
  }

  #requestFor(gaps: RangeSet): ByteRange | undefined {
    const start = gaps[0]?.start ?? 0;
    const end = gaps.at(-1)?.end ?? this.size;
    const whole = this.#withoutRange || (start === 0 && end === this.size);
    return whole ? undefined : { start, end };
  }

  #takeAll(): RangeSet {
    const all = this.#pending.flatMap(({ gaps }) => gaps);
    this.#pending.length = 0;
    return all.reduce<RangeSet>((set, range) => addRange(set, range), []);
  }

  #mergedLineage(): Lineage {
    return {
      failures: Math.max(...this.#pending.map(({ failures }) => failures)),
      takeOvers: Math.max(...this.#pending.map(({ takeOvers }) => takeOvers)),
    };
  }
}

function clipStart(ranges: RangeSet, start: number): RangeSet {
  return subtractRange(ranges, { start: 0, end: start });
}
