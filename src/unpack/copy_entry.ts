import type { ArchiveEntry, ArchiveHandler } from "../tar/archive_entry.ts";
import type { LayerSource } from "./layer_source.ts";
import { PlainContent, plainSink } from "./plain_content.ts";
import { readLayer } from "./read_layer.ts";
import { LimitGuard, type UnpackLimits } from "./unpack_limits.ts";

/** How {@linkcode copyEntry} goes about it. */
export interface CopyEntryOptions {
  readonly limits?: Partial<UnpackLimits> | undefined;
  readonly signal?: AbortSignal | undefined;
}

/**
 * Hands on the bytes of one file of a layer, and leaves the rest of the layer.
 *
 * @param index Which entry, from 0.
 * @param write Takes bytes that are valid during the call only.
 */
export async function copyEntry(
  source: LayerSource,
  index: number,
  write: (bytes: Uint8Array) => void,
  { limits, signal }: CopyEntryOptions = {},
): Promise<void> {
  const copy = new EntryCopy(index, write);
  await readLayer({ size: source.size, chunks: source.open() }, copy, {
    guard: new LimitGuard(limits),
    signal,
    isDone: () => copy.isDone,
  });
}

class EntryCopy implements ArchiveHandler {
  isDone = false;
  readonly #content: PlainContent;
  #skipped: number;
  #isHere = false;

  constructor(index: number, write: (bytes: Uint8Array) => void) {
    this.#content = new PlainContent(plainSink(write));
    this.#skipped = index;
  }

  entry(entry: ArchiveEntry): void {
    this.#isHere = this.#skipped-- === 0;
    if (this.#isHere) this.#content.start(entry);
  }

  data(bytes: Uint8Array, offset: number): void {
    if (this.#isHere) this.#content.add(bytes, offset);
  }

  end(): void {
    if (!this.#isHere) return;
    this.#content.end();
    this.isDone = true;
  }
}
