import { replaceFileSync, writeAllSync } from "../io/atomic_file.ts";
import {
  addRange,
  type ByteRange,
  clipRanges,
  contiguousPrefix,
  type RangeSet,
} from "../io/byte_range.ts";
import { guardLocal } from "../io/local_error.ts";
import { openRegularFile, removeIfThere } from "../io/open_regular_file.ts";

/** Longer than any log of ours; whatever is past it is not read. */
const MAX_LOG_BYTES = 1 << 20;
/** A log past this is written anew, as one line a range, when it is next opened. */
const COMPACT_BYTES = 64 << 10;
/** Bytes that may be written before they are noted, so what `kill -9` costs. */
const NOTE_EVERY_BYTES = 128 << 10;

/**
 * Which bytes of a partial are there. While they come in order the file's length says so, and
 * there is no log. Before the first byte out of order a log begins: a text line `start-end` for
 * each run, appended after its bytes. So a lost record costs bytes and never correctness, and
 * whatever a damaged log says is caught by the digest in the end.
 */
export class RangeLog implements Disposable {
  readonly #path: string;
  #file: Deno.FsFile | undefined;
  /** Whether there may be a log on disk; nobody else makes one while we hold the partial. */
  #isThere = false;
  #unnoted: RangeSet = [];
  #unnotedBytes = 0;

  private constructor(path: string) {
    this.#path = path;
  }

  /**
   * The log of a partial that was not there before. That of an earlier one may have been left by
   * hand or by a crash; it isn't looked for: it can only make bytes that are there count as missing.
   */
  static begin(
    path: string,
  ): { readonly log: RangeLog; readonly present: RangeSet } {
    return { log: new RangeLog(path), present: [] };
  }

  /** Reads what a file of `length` bytes holds, and goes on with its log if it has one. */
  static open(
    path: string,
    length: number,
  ): { readonly log: RangeLog; readonly present: RangeSet } {
    const log = new RangeLog(path);
    // A log without bytes is left from a partial that was dropped.
    if (length === 0) removeIfThere(path);
    const text = length === 0 ? undefined : readLog(path);
    log.#isThere = text !== undefined;
    if (text === undefined) {
      return { log, present: addRange([], { start: 0, end: length }) };
    }
    const { ranges, isClean } = parseLog(text);
    const present = clipRanges(ranges, length);
    const isTrue = isClean && (ranges.at(-1)?.end ?? 0) <= length;
    // What it says beyond the file would become a lie as soon as the file grows.
    if (isTrue && text.length < COMPACT_BYTES) log.#append();
    else log.#start(present);
    return { log, present };
  }

  /**
   * To be called before bytes are written, with what is there so far: begins the log when they
   * leave a gap.
   */
  prepare(offset: number, present: RangeSet): void {
    if (this.#file !== undefined || offset <= contiguousPrefix(present)) return;
    this.#start(present);
  }

  /** To be called once bytes are written. */
  note(range: ByteRange): void {
    if (this.#file === undefined) return;
    this.#unnoted = addRange(this.#unnoted, range);
    this.#unnotedBytes += range.end - range.start;
    if (this.#unnotedBytes >= NOTE_EVERY_BYTES) this.flush();
  }

  /** Writes what is not noted yet. */
  flush(): void {
    const file = this.#file;
    if (file === undefined || this.#unnoted.length === 0) return;
    const lines = formatLog(this.#unnoted);
    this.#unnoted = [];
    this.#unnotedBytes = 0;
    guardLocal("write", this.#path, () => writeAllSync(file, lines));
  }

  /** Forgets everything. */
  clear(): void {
    this[Symbol.dispose]();
    this.#unnoted = [];
    this.#unnotedBytes = 0;
    if (this.#isThere) removeIfThere(this.#path);
    this.#isThere = false;
  }

  [Symbol.dispose](): void {
    this.#file?.close();
    this.#file = undefined;
  }

  /** Begins a log that says what is there. Appears whole: an empty one would deny the prefix. */
  #start(present: RangeSet): void {
    this.#isThere = true;
    replaceFileSync(this.#path, formatLog(present));
    this.#append();
  }

  #append(): void {
    this.#file = openRegularFile(this.#path, { write: true });
    this.#file?.seekSync(0, Deno.SeekMode.End);
  }
}

/** What a file of `length` bytes holds, by its log where it has one. Changes nothing. */
export function readRanges(path: string, length: number): RangeSet {
  const text = length === 0 ? undefined : readLog(path);
  return text === undefined
    ? addRange([], { start: 0, end: length })
    : clipRanges(parseLog(text).ranges, length);
}

function readLog(path: string): string | undefined {
  using file = openRegularFile(path);
  if (file === undefined) return undefined;
  return guardLocal("read", path, () => {
    const bytes = new Uint8Array(Math.min(file.statSync().size, MAX_LOG_BYTES));
    let length = 0;
    while (length < bytes.length) {
      const read = file.readSync(bytes.subarray(length));
      if (read === null) break;
      length += read;
    }
    return new TextDecoder("latin1").decode(bytes.subarray(0, length));
  });
}

function formatLog(ranges: RangeSet): Uint8Array {
  return new TextEncoder().encode(
    ranges.map(({ start, end }) => `${start}-${end}\n`).join(""),
  );
}

const LINE = /^(\d{1,16})-(\d{1,16})$/;

/**
 * Reads the lines that make sense. A torn or foreign line says nothing, and asks for a new log.
 * A torn start that a later line was appended to can only make that line say less.
 */
export function parseLog(
  text: string,
): { readonly ranges: RangeSet; readonly isClean: boolean } {
  const lines = text.split("\n");
  let isClean = lines.pop() === "";
  let ranges: RangeSet = [];
  for (const line of lines) {
    const match = LINE.exec(line);
    const start = Number(match?.[1]);
    const end = Number(match?.[2]);
    if (Number.isSafeInteger(end) && start < end) {
      ranges = addRange(ranges, { start, end });
    } else isClean = false;
  }
  return { ranges, isClean };
}
