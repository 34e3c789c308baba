import type { ArchiveEntry, ArchiveHandler } from "../tar/archive_entry.ts";
import type { LimitGuard } from "./unpack_limits.ts";

/** Is told of each entry. */
export type EntryListener = (entry: ArchiveEntry, index: number) => void;

/** Takes the headers of a layer, counted against the limits, and passes over the contents. */
export class EntryScan implements ArchiveHandler {
  readonly #guard: LimitGuard;
  readonly #listener: EntryListener;
  #count = 0;

  constructor(guard: LimitGuard, listener: EntryListener) {
    this.#guard = guard;
    this.#listener = listener;
  }

  entry(entry: ArchiveEntry): void {
    this.#guard.addEntry();
    this.#guard.addHeld(entry);
    if (entry.sparse) this.#guard.addSparse(entry.path, entry.size);
    this.#listener(entry, this.#count++);
  }

  data(): void {}

  end(): void {}
}
