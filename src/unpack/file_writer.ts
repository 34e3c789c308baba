import { findSystemCode } from "../io/local_error.ts";
import type { ArchiveEntry } from "../tar/archive_entry.ts";
import type { Place } from "./file_tree.ts";
import type { NodeFs } from "./node_fs.ts";

interface OpenFile {
  readonly handle: number;
  readonly place: Place;
  readonly entry: ArchiveEntry;
  written: number;
}

/** Sets what a whole file needs besides its content. */
export type FinishFile = (
  handle: number,
  place: Place,
  entry: ArchiveEntry,
) => void;

/** Writes one file after the other. */
export class FileWriter implements Disposable {
  readonly #fs: NodeFs;
  readonly #flags: number;
  #file: OpenFile | undefined;

  constructor(fs: NodeFs) {
    const { O_WRONLY, O_CREAT, O_EXCL } = fs.constants;
    this.#fs = fs;
    // Exclusive: neither a file that is there nor what a link leads to is ever written to.
    this.#flags = O_WRONLY | O_CREAT | O_EXCL;
  }

  /** Begins a file. @returns false where something is in its place. */
  open(place: Place, entry: ArchiveEntry, mode: number): boolean {
    try {
      const handle = this.#fs.openSync(place.path, this.#flags, mode);
      this.#file = { handle, place, entry, written: 0 };
      return true;
    } catch (error) {
      if (findSystemCode(error) === "EEXIST") return false;
      throw error;
    }
  }

  /** Writes a piece, where there is a file to write to. */
  write(bytes: Uint8Array, offset: number): void {
    const file = this.#file;
    if (file === undefined) return;
    let rest = bytes;
    let at = offset;
    while (rest.length > 0) {
      const length = file.entry.sparse
        ? this.#fs.writeSync(file.handle, rest, 0, rest.length, at)
        : this.#fs.writeSync(file.handle, rest);
      rest = rest.subarray(length);
      at += length;
    }
    file.written = at;
  }

  /** Ends the file, where there is one. */
  finish(finish: FinishFile): void {
    const file = this.#file;
    if (file === undefined) return;
    const { handle, place, entry } = file;
    // A hole at the end.
    if (file.written < entry.size) this.#fs.ftruncateSync(handle, entry.size);
    finish(handle, place, entry);
    this[Symbol.dispose]();
  }

  [Symbol.dispose](): void {
    const handle = this.#file?.handle;
    this.#file = undefined;
    if (handle !== undefined) this.#fs.closeSync(handle);
  }
}
