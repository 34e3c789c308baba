import type { ArchiveEntry } from "../tar/archive_entry.ts";
import type { Attributes } from "./attributes.ts";
import { lookAt } from "./look_at.ts";

const IMPLIED_FOLDER: Omit<ArchiveEntry, "path" | "mtime"> = {
  type: "directory",
  size: 0,
  mode: 0o755,
  uid: 0,
  gid: 0,
  linkPath: "",
  sparse: false,
};

/**
 * The folders of a tree, by path from its root. Their attributes are set at the end, when nothing
 * is put into them any more.
 */
export class FolderAttributes {
  readonly #attributes: Attributes;
  readonly #pending = new Map<string, ArchiveEntry | undefined>();
  /** Folders that {@linkcode settle} comes back to. */
  readonly #open: string[] = [];

  constructor(attributes: Attributes) {
    this.#attributes = attributes;
    this.#pending.set("", undefined);
  }

  /** Whether the tree made this folder. */
  has(rel: string): boolean {
    return this.#pending.has(rel);
  }

  /** Notes what a folder is to be; undefined for one that no entry tells of. */
  set(rel: string, entry: ArchiveEntry | undefined): void {
    this.#pending.set(rel, entry);
  }

  /** The folder is no more. */
  forget(rel: string): void {
    this.#pending.delete(rel);
  }

  /**
   * Sets the attributes of all folders.
   *
   * @param openDepth Folders of this depth and above (0 is the root) stay open to their owner
   * until {@linkcode settle}, since they are to be moved.
   */
  finish(root: string, openDepth: 0 | 1): void {
    // The deepest first: their folder may be one that even its owner can't enter.
    for (const [rel, entry] of [...this.#pending].reverse()) {
      const isOpen = rel === "" || openDepth === 1 && !rel.includes("/");
      this.#finishFolder(root, rel, entry, isOpen);
      if (isOpen) this.#open.push(rel);
    }
  }

  /** Sets what was left open, where the tree has been moved to. */
  settle(root: string): void {
    for (const rel of this.#open) {
      this.#finishFolder(root, rel, this.#pending.get(rel), false);
    }
  }

  #finishFolder(
    root: string,
    rel: string,
    entry: ArchiveEntry | undefined,
    isOpen: boolean,
  ): void {
    const path = rel === "" ? root : `${root}/${rel}`;
    // A link in its place would turn this into a change of what it leads to (CVE-2026-33056).
    const info = lookAt(path);
    if (!info?.isDirectory) return;
    const mtime = (info.mtime?.getTime() ?? 0) / 1000;
    const wanted = entry ?? { ...IMPLIED_FOLDER, path: rel, mtime };
    this.#attributes.setNode(path, rel, wanted);
    if (isOpen && (wanted.mode & 0o700) !== 0o700) Deno.chmodSync(path, 0o700);
  }
}
