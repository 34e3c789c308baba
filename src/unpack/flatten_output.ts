import type { ArchiveEntry, ArchiveHandler } from "../tar/archive_entry.ts";
import { tarHeader, tarPadding } from "../tar/tar_header.ts";
import { leafHeader, linkHeaders, type PlannedLeaf } from "./flatten_plan.ts";
import { PlainContent, type PlainSink, zeroChunks } from "./plain_content.ts";

const MAX_PADDING = 512;
const EMPTY = new Uint8Array(0);

/** Turns the planned files of a layer, as they are read, into entries of another archive. */
export class FlattenOutput implements ArchiveHandler, PlainSink {
  readonly #planned: ReadonlyMap<number, PlannedLeaf>;
  readonly #content = new PlainContent(this);
  /** Bytes to come out, or how many zeros. */
  #pieces: (Uint8Array | number)[] = [];
  /** Used again and again. */
  #joined: Uint8Array = EMPTY;
  #index = 0;
  #left: number;
  #file: PlannedLeaf | undefined;

  /** @param planned By the place of their entries in the layer. */
  constructor(planned: ReadonlyMap<number, PlannedLeaf>) {
    this.#planned = planned;
    this.#left = planned.size;
  }

  /** Whether all planned files have come by. */
  get isDone(): boolean {
    return this.#left === 0;
  }

  /** What came out since the last time; valid until more of the layer is read. */
  *take(): Generator<Uint8Array> {
    const pieces = this.#pieces;
    this.#pieces = [];
    let batch: Uint8Array[] = [];
    for (const piece of pieces) {
      // Small pieces are put together: each one out costs a way through the output.
      if (typeof piece === "number" && piece > MAX_PADDING) {
        if (batch.length > 0) yield this.#join(batch);
        batch = [];
        yield* zeroChunks(piece);
      } else batch.push(...toChunks(piece));
    }
    if (batch.length > 0) yield this.#join(batch);
  }

  #join(pieces: readonly Uint8Array[]): Uint8Array {
    const [only = EMPTY, ...more] = pieces;
    if (more.length === 0) return only;
    const length = pieces.reduce((sum, piece) => sum + piece.length, 0);
    if (this.#joined.length < length) this.#joined = new Uint8Array(length);
    let at = 0;
    for (const piece of pieces) {
      this.#joined.set(piece, at);
      at += piece.length;
    }
    return this.#joined.subarray(0, length);
  }

  entry(entry: ArchiveEntry): void {
    this.#file = this.#planned.get(this.#index++);
    if (this.#file === undefined) return;
    this.#pieces.push(tarHeader(leafHeader(this.#file)));
    this.#content.start(entry);
  }

  data(bytes: Uint8Array, offset: number): void {
    if (this.#file !== undefined) this.#content.add(bytes, offset);
  }

  end(): void {
    if (this.#file === undefined) return;
    this.#content.end();
    this.writeZeros(tarPadding(this.#file.leaf.entry.size));
    for (const link of linkHeaders(this.#file)) {
      this.#pieces.push(tarHeader(link));
    }
    this.#file = undefined;
    this.#left--;
  }

  write(bytes: Uint8Array): void {
    this.#pieces.push(bytes);
  }

  writeZeros(count: number): void {
    if (count > 0) this.#pieces.push(count);
  }
}

function toChunks(piece: Uint8Array | number): Iterable<Uint8Array> {
  return typeof piece === "number" ? zeroChunks(piece) : [piece];
}
