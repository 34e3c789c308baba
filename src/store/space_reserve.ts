import { LocalError } from "../errors.ts";
import { type ByteRange, totalBytes } from "../io/byte_range.ts";
import { findFreeBytes } from "../io/free_space.ts";
import { reserveSpace, type SpaceReservation } from "../io/reserve_space.ts";

/** Less than this finds room as it comes. */
const MIN_BYTES = 1 << 20;
/** Of which a file's information counts the blocks. */
const BLOCK_BYTES = 512;
/** How often it is seen whether to reserve; also the shortest rest that is worth it. */
const LOOK_EVERY_MS = 1000;

/** The partial that a {@linkcode SpaceReserve} is for. */
export interface ReservedPartial {
  readonly path: string;
  readonly file: Deno.FsFile;
  /** What is still to be written, in order. */
  readonly missing: () => readonly ByteRange[];
}

/** Options of {@linkcode SpaceReserve}. */
export interface SpaceReserveOptions {
  /** Default 1000. */
  readonly lookEveryMs?: number;
  /** Default {@linkcode reserveSpace}. */
  readonly reserve?: typeof reserveSpace;
  /** Default {@linkcode findFreeBytes}. */
  readonly findFree?: typeof findFreeBytes;
}

/**
 * Space for what a partial still lacks, set aside while the bytes come, so that nobody else fills
 * the disk up under a long download. It takes a process, and starting that takes this thread 5 ms:
 * a download that is over within a second or two is spared it.
 *
 * The partial's length stays, since it says how far it is. What is past it is given back at the
 * end. For its gaps, and after `kill -9` for all, the partial keeps the space until it is gone on
 * with or pruned.
 */
export class SpaceReserve {
  readonly #partial: ReservedPartial;
  readonly #reserve: typeof reserveSpace;
  readonly #findFree: typeof findFreeBytes;
  readonly #missingAtStart: number;
  readonly #timer: ReturnType<typeof setInterval> | undefined;
  #looks = 0;
  #reserving: SpaceReservation | undefined;
  #judged: Promise<void> | undefined;
  #isClosed = false;
  #failure: LocalError | undefined;

  constructor(partial: ReservedPartial, options: SpaceReserveOptions = {}) {
    this.#partial = partial;
    this.#reserve = options.reserve ?? reserveSpace;
    this.#findFree = options.findFree ?? findFreeBytes;
    this.#missingAtStart = totalBytes(partial.missing());
    if (this.#missingAtStart < MIN_BYTES) return;
    const everyMs = options.lookEveryMs ?? LOOK_EVERY_MS;
    this.#timer = setInterval(() => this.#look(), everyMs);
  }

  /**
   * To be called before bytes are written.
   *
   * @throws LocalError `disk-full`, once it is known that the rest finds no room.
   */
  check(): void {
    if (this.#failure !== undefined) throw this.#failure;
  }

  /**
   * Gives back what is past the file's end; never rejects. No write may be under way, and the file
   * must still be open.
   */
  async close(): Promise<void> {
    clearInterval(this.#timer);
    this.#isClosed = true;
    this.#reserving?.stop();
    // Until it has ended it may go on taking space.
    await this.#judged;
    if (this.#reserving !== undefined) this.#giveBack();
  }

  #look(): void {
    const bytes = totalBytes(this.#partial.missing());
    const written = this.#missingAtStart - bytes;
    this.#looks++;
    if (!lastsLonger({ bytes, written, looks: this.#looks })) return;
    clearInterval(this.#timer);
    this.#judged = this.#reserveRest();
  }

  async #reserveRest(): Promise<void> {
    // First: a file system that is asked for more than it has may give all that it has, and keep
    // that for the gaps.
    await this.#judge();
    if (this.#isClosed || this.#failure !== undefined) return;
    const { path, missing } = this.#partial;
    this.#reserving = this.#reserve(path, spanOf(missing()));
    if (await this.#reserving?.done || this.#isClosed) return;
    // One that can't do it says no just so; only one that is full by now is of interest.
    await this.#judge();
  }

  async #judge(): Promise<void> {
    const { path } = this.#partial;
    const free = await this.#findFree(path);
    if (free === undefined || this.#isClosed) return;
    const needed = lackingBytes(this.#partial);
    if (needed <= free) return;
    this.#failure = new LocalError(
      "disk-full",
      `Cannot reserve space for "${path}": ${needed} bytes are to be written and ${free} are free`,
      { hint: "free some space and run it again", details: { path } },
    );
  }

  #giveBack(): void {
    const { file, missing } = this.#partial;
    if (missing().length === 0) return;
    try {
      file.truncateSync(file.statSync().size);
    } catch {
      // A full file system may refuse even that. Why the download ended is what counts.
    }
  }
}

/** Whether, at the pace so far, the rest takes longer than from one look to the next. */
export function lastsLonger(
  { bytes, written, looks }: {
    /** Still to be written. */
    readonly bytes: number;
    /** Since the looks began. */
    readonly written: number;
    readonly looks: number;
  },
): boolean {
  return bytes >= MIN_BYTES && bytes * looks > written;
}

/** What is still to be written and has no place on the disk yet; an earlier run may have reserved some. */
function lackingBytes({ file, missing }: ReservedPartial): number {
  const ranges = missing();
  const { size, blocks } = file.statSync();
  const end = Math.max(size, spanOf(ranges).end);
  const unallocated = end - (blocks ?? 0) * BLOCK_BYTES;
  return Math.min(totalBytes(ranges), Math.max(0, unallocated));
}

function spanOf(ranges: readonly ByteRange[]): ByteRange {
  return { start: ranges[0]?.start ?? 0, end: ranges.at(-1)?.end ?? 0 };
}
