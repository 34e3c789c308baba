import {
  addRange,
  type ByteRange,
  type RangeSet,
  subtractRange,
} from "../io/byte_range.ts";
import { Pace } from "./pace.ts";

/** What a range has been through; it stays with the range when another connection gets it. */
export interface Lineage {
  /** Failures since the last progress. */
  readonly failures: number;
  /** How often a faster connection got it. */
  readonly takeOvers: number;
}

/** The lineage of a range that was never asked for. */
export const FRESH: Lineage = { failures: 0, takeOvers: 0 };

/**
 * What one request is to bring: wanted ranges of a blob, and how far the answer
 * has come. Usually it is a single range; a server without ranges sends bytes
 * that are here already, which pass by.
 */
export class Piece {
  /** Ends the request; its reason says why. */
  readonly controller = new AbortController();
  /** What to ask for; undefined is the whole blob, without a `Range`. */
  readonly request: ByteRange | undefined;
  /** How fast its answer comes. */
  readonly pace: Pace;
  readonly takeOvers: number;
  /** Failures of this range since the last progress. */
  failures: number;
  /** Host that answered. */
  source: string | undefined;
  /** Wanted and not on disk. */
  #gaps: RangeSet;
  /** Where the answer's next byte lies. */
  #position: number;
  /** Where the answer ends. */
  #answerEnd: number;
  #ended = false;
  #hasGained = false;
  /** Bytes on disk since the last progress. */
  #gained = 0;

  constructor(
    gaps: RangeSet,
    request: ByteRange | undefined,
    size: number,
    options: {
      readonly nowMs: number;
      readonly lineage: Lineage;
    },
  ) {
    this.#gaps = gaps;
    this.request = request;
    this.pace = new Pace(options.nowMs);
    this.failures = options.lineage.failures;
    this.takeOvers = options.lineage.takeOvers;
    this.#position = request?.start ?? 0;
    this.#answerEnd = request?.end ?? size;
  }

  get gaps(): RangeSet {
    return this.#gaps;
  }

  get position(): number {
    return this.#position;
  }

  /** The last wanted byte's end: beyond it nothing is read. */
  get end(): number {
    return this.#gaps.at(-1)?.end ?? this.#position;
  }

  /** Whether everything wanted has arrived, though perhaps not been written. */
  get arrived(): boolean {
    return this.#position >= this.end;
  }

  /** Whether the answer goes on past what is wanted of it. */
  get cutShort(): boolean {
    return this.#position < this.#answerEnd;
  }

  /** Whether the answer is the blob from its first byte to its last. */
  reachesEnd(size: number): boolean {
    return this.#answerEnd === size && !this.#ended;
  }

  /** The answer is the whole blob although a range was asked for: more of it is of use. */
  becomeWhole(gaps: RangeSet, size: number): void {
    this.#position = 0;
    this.#answerEnd = size;
    this.#gaps = gaps;
  }

  /** Wants more of an answer that has not come that far. */
  extend(ranges: RangeSet): void {
    for (const range of ranges) this.#gaps = addRange(this.#gaps, range);
  }

  /** Gives up what lies at `position` or after; returns it. */
  cutAt(position: number): RangeSet {
    const tail = subtractRange(this.#gaps, { start: 0, end: position });
    this.#gaps = subtractRange(this.#gaps, { start: position, end: Infinity });
    return tail;
  }

  /** Takes the next `length` bytes of the answer; returns where of the blob the wanted ones lie. */
  advance(length: number): RangeSet {
    const start = this.#position;
    const end = start + length;
    this.#position = end;
    const parts: ByteRange[] = [];
    for (const gap of this.#gaps) {
      const part = {
        start: Math.max(gap.start, start),
        end: Math.min(gap.end, end),
      };
      if (part.start < part.end) parts.push(part);
    }
    return parts;
  }

  /** A part is on disk. */
  onWritten(part: ByteRange): void {
    this.#gaps = subtractRange(this.#gaps, part);
  }

  /** Whether anything of it came to be on disk. */
  get hasGained(): boolean {
    return this.#hasGained;
  }

  /** Bytes are on disk; says whether that is progress, after which failures count anew. */
  onGained(bytes: number, quantum: number): boolean {
    this.#hasGained = true;
    this.#gained += bytes;
    if (this.#gained < quantum && this.#gaps.length > 0) return false;
    this.#gained = 0;
    this.failures = 0;
    return true;
  }

  /** Nothing more is read of the answer. */
  finish(): void {
    this.#ended = true;
  }
}
