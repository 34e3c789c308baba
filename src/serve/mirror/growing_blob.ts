import {
  addRange,
  type ByteRange,
  type RangeSet,
  rangesOutside,
} from "../../io/byte_range.ts";

/** How far a blob has come that is on its way into the store, for those who read along. */
export class GrowingBlob {
  readonly #size: number;
  #present: RangeSet = [];
  #generation = 0;
  #hasBytes = false;
  #changed = Promise.withResolvers<void>();

  /** @param size Of the whole blob, in bytes. */
  constructor(size: number) {
    this.#size = size;
  }

  /** Goes up when bytes that were there turned out to be wrong; 0 before the first are. */
  get generation(): number {
    return this.#generation;
  }

  /** Whether any byte has come, so that the source has the blob. */
  get hasBytes(): boolean {
    return this.#hasBytes;
  }

  /** Resolves at the next change. */
  get changed(): Promise<void> {
    return this.#changed.promise;
  }

  /** A file is there that lacks these bytes; what another one held counts no more. */
  begin(missing: readonly ByteRange[]): void {
    this.#generation++;
    this.#present = missing.reduce<RangeSet>(
      (present, range) =>
        present.flatMap((part) => rangesOutside([range], part)),
      [{ start: 0, end: this.#size }],
    );
    this.#hasBytes ||= this.#present.length > 0;
    this.#announce();
  }

  /** Bytes are in the file. */
  add(range: ByteRange): void {
    this.#present = addRange(this.#present, range);
    this.#hasBytes = true;
    this.#announce();
  }

  /** How many bytes there are from an offset on without a gap. */
  readable(at: number): number {
    const part = this.#present.find(({ start, end }) =>
      start <= at && at < end
    );
    return part === undefined ? 0 : part.end - at;
  }

  #announce(): void {
    this.#changed.resolve();
    this.#changed = Promise.withResolvers();
  }
}
