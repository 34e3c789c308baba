import type { FileCall } from "./system_calls.ts";

interface Entry {
  readonly isFolder: boolean;
  /** As a reader sees it. */
  bytes: Uint8Array<ArrayBuffer>;
  /** As it was when it was last synced; empty before. */
  synced: Uint8Array<ArrayBuffer>;
}

/**
 * What of the changes since the last sync gets to the disk before the power fails: `none`; the
 * `names` of files, as a journal of names alone keeps them; or the `data`, but no name.
 */
export type Survivors = "none" | "names" | "data";

/** Files by path, or null for a folder. */
export type Tree = ReadonlyMap<string, Uint8Array<ArrayBuffer> | null>;

/** A disk that keeps for sure only what was synced: a file's bytes by itself, a name by its folder. */
export class DiskModel {
  readonly #seen = new Map<string, Entry>();
  readonly #named = new Map<string, Entry>();
  readonly #syncs = new Map<number, Uint8Array<ArrayBuffer>>();

  /** @param dir Is there, as everything above it. */
  constructor(dir: string) {
    const root = newEntry(true);
    this.#seen.set(dir, root);
    this.#named.set(dir, root);
  }

  /** Does what a program did. Says whether it changed what may survive. */
  apply(call: FileCall): void {
    const { path } = call;
    switch (call.call) {
      case "create":
        if (!this.#seen.has(path)) this.#seen.set(path, newEntry(false));
        return;
      case "mkdir":
        this.#seen.set(path, newEntry(true));
        return;
      case "truncate0":
        this.#entry(path).bytes = new Uint8Array();
        return;
      case "resize":
        this.#entry(path).bytes = resized(this.#entry(path).bytes, call.size);
        return;
      case "write":
        return this.#write(this.#entry(path), call.offset, call.bytes);
      case "rename":
        this.#seen.set(call.to, this.#entry(path));
        this.#seen.delete(path);
        return;
      case "remove":
        if (!this.#seen.delete(path)) throw new Error(`Cannot remove ${path}`);
        return;
      case "sync-start":
        this.#syncs.set(call.id, this.#entry(path).bytes.slice());
        return;
      case "sync-end":
        return this.#sync(path, call.id);
    }
  }

  /** What is found once the power is back. */
  afterPowerLoss(survivors: Survivors): Tree {
    const tree = new Map<string, Uint8Array<ArrayBuffer> | null>();
    const names = survivors === "names" ? this.#seen : this.#named;
    for (const path of [...names.keys()].sort()) {
      const entry = names.get(path);
      // Shared memory is made anew by whoever finds none at work.
      if (entry === undefined || path.endsWith("-shm")) continue;
      const parent = parentOf(path);
      if (tree.size > 0 && !tree.has(parent)) continue;
      const bytes = survivors === "data" ? entry.bytes : entry.synced;
      tree.set(path, entry.isFolder ? null : bytes);
    }
    return tree;
  }

  /** A file that lost its name while it is open is of no more interest. */
  #entry(path: string): Entry {
    return this.#seen.get(path) ?? newEntry(false);
  }

  #write(entry: Entry, offset: number, bytes: Uint8Array): void {
    const size = Math.max(entry.bytes.length, offset + bytes.length);
    // A copy, since trees and syncs hold the old one.
    entry.bytes = resized(entry.bytes, size);
    entry.bytes.set(bytes, offset);
  }

  #sync(path: string, id: number): void {
    const entry = this.#entry(path);
    if (!entry.isFolder) {
      entry.synced = this.#syncs.get(id) ?? entry.bytes;
      return;
    }
    for (const name of [...this.#named.keys()]) {
      if (parentOf(name) === path && !this.#seen.has(name)) {
        this.#named.delete(name);
      }
    }
    for (const [name, named] of this.#seen) {
      if (parentOf(name) === path) this.#named.set(name, named);
    }
  }
}

function newEntry(isFolder: boolean): Entry {
  return { isFolder, bytes: new Uint8Array(), synced: new Uint8Array() };
}

function resized(
  bytes: Uint8Array<ArrayBuffer>,
  size: number,
): Uint8Array<ArrayBuffer> {
  const next = new Uint8Array(size);
  next.set(bytes.subarray(0, size));
  return next;
}

function parentOf(path: string): string {
  return path.slice(0, path.lastIndexOf("/"));
}
