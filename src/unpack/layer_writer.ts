import type { IntegrityError } from "../errors.ts";
import { toLocalError } from "../io/local_error.ts";
import type { ArchiveEntry, ArchiveHandler } from "../tar/archive_entry.ts";
import { metadataOf, refuseOverlayXattrs } from "./attributes.ts";
import { createWhiteouts } from "./create_whiteouts.ts";
import { diskText } from "./disk_text.ts";
import { splitEntryPath, unsafePath } from "./entry_path.ts";
import { FileWriter } from "./file_writer.ts";
import type { Place } from "./file_tree.ts";
import { lookAt } from "./look_at.ts";
import type { UnpackTarget } from "./unpack_target.ts";
import type { LimitGuard } from "./unpack_limits.ts";
import { classifyLayerPath } from "./whiteout.ts";
import type { LayerWhiteouts } from "./whiteout_form.ts";

const NODE_TYPES = {
  "character-device": 0o020000,
  "block-device": 0o060000,
  fifo: 0o010000,
} as const;

/**
 * Makes the entries of one layer. File calls are synchronous: for many small files that is
 * several times faster, and reading and decompressing are on another thread.
 */
export class LayerWriter implements ArchiveHandler, Disposable {
  readonly #target: UnpackTarget;
  readonly #guard: LimitGuard;
  readonly #files: FileWriter;
  readonly #whiteouts: LayerWhiteouts;
  /** For messages. */
  #path = "";

  constructor(target: UnpackTarget, guard: LimitGuard) {
    this.#target = target;
    this.#guard = guard;
    this.#files = new FileWriter(target.fs);
    this.#whiteouts = createWhiteouts(target);
  }

  entry(entry: ArchiveEntry): void {
    this.#path = entry.path;
    this.#guard.addEntry();
    if (entry.sparse) this.#guard.addSparse(entry.path, entry.size);
    const names = this.#namesOf(entry.path);
    const meaning = classifyLayerPath(names);
    this.#call(() => {
      switch (meaning.kind) {
        case "entry":
          return this.#make(entry, names);
        case "whiteout":
          return this.#whiteouts.hide(meaning.names, names);
        case "opaque":
          return this.#whiteouts.hideContent(meaning.names, names);
        case "ignored":
          return;
      }
    });
  }

  data(bytes: Uint8Array, offset: number): void {
    this.#call(() => this.#files.write(bytes, offset));
  }

  end(): void {
    this.#call(() => {
      this.#files.finish((handle, { path, rel }, entry) =>
        this.#target.tree.attributes.setFile(handle, path, rel, entry)
      );
    });
  }

  /** Closes the file that a failure left open. */
  [Symbol.dispose](): void {
    this.#files[Symbol.dispose]();
  }

  #make(entry: ArchiveEntry, names: readonly string[]): void {
    const { tree } = this.#target;
    refuseOverlayXattrs(entry);
    if (names.length === 0 && entry.type !== "directory") {
      throw unsafePath(entry.path, `the root can't be a ${entry.type}`);
    }
    if (entry.type === "hardlink") return this.#makeLink(entry, names);
    const place = tree.locate(names);
    tree.claim(place.rel);
    switch (entry.type) {
      case "directory":
        tree.makeFolder(place, entry);
        return this.#whiteouts.onFolder?.(place);
      case "file":
        return this.#openFile(place, entry);
      case "symlink":
        tree.makeRoom(place);
        Deno.symlinkSync(diskText(entry.linkPath), place.path);
        return tree.attributes.setLink(place.path, place.rel, entry);
      default:
        return this.#makeNode(place, entry, NODE_TYPES[entry.type]);
    }
  }

  #openFile(place: Place, entry: ArchiveEntry): void {
    const mode = entry.mode & 0o777;
    // What is only noted is in nobody's way.
    this.#target.log.forget(place.rel);
    if (this.#files.open(place, entry, mode)) return;
    this.#target.tree.makeRoom(place);
    if (this.#files.open(place, entry, mode)) return;
    throw unsafePath(entry.path, "another file is there by the same name");
  }

  #makeLink(entry: ArchiveEntry, names: readonly string[]): void {
    // Before anything in its place is removed: it may be this very file.
    const from = this.#linked(entry);
    const to = this.#target.tree.locate(names);
    this.#target.tree.claim(to.rel);
    this.#link(entry, from, to);
  }

  /** The file that a hard link is to be another name of. */
  #linked({ path, linkPath }: ArchiveEntry): Place {
    const { tree } = this.#target;
    const names = this.#namesOf(linkPath);
    const place = names.length === 0 ? undefined : tree.find(names);
    const isThere = place !== undefined &&
      (lookAt(place.path) ?? tree.log.findAbsent(place.rel)) !== undefined;
    if (!isThere) throw this.#linkedToNothing(path);
    if (tree.isFolder(place)) {
      throw unsafePath(path, "it is a hard link to a folder");
    }
    return place;
  }

  #linkedToNothing(path: string): IntegrityError {
    if (this.#target.whiteouts === "apply") {
      return unsafePath(path, "it is a hard link to what is not there");
    }
    // A folder for one layer is the same for all images, whatever is below it.
    return unsafePath(path, "it is a hard link to what is not in its layer", {
      hint: "merge the layers: dray unpack without --layers",
    });
  }

  #link(entry: ArchiveEntry, from: Place, to: Place): void {
    const { path } = entry;
    const { tree } = this.#target;
    if (from.rel === to.rel) return;
    if (from.rel.startsWith(`${to.rel}/`)) {
      throw unsafePath(path, "its target is in the folder that it replaces");
    }
    // A device is only noted, so that a folder could be made in its place for this.
    if (to.rel.startsWith(`${from.rel}/`)) {
      throw unsafePath(path, "it is below its own target");
    }
    const absent = tree.log.findAbsent(from.rel);
    tree.makeRoom(to);
    if (absent !== undefined) return tree.log.noteAbsent(to.rel, absent);
    Deno.linkSync(from.path, to.path);
    tree.log.copy(from.rel, to.rel);
    if (!path.isWellFormed()) tree.log.note(to.rel, metadataOf(entry));
  }

  #makeNode(place: Place, entry: ArchiveEntry, type: number): void {
    const { tree, native } = this.#target;
    tree.makeRoom(place);
    const device = entry.device ?? { major: 0, minor: 0 };
    if (native?.makeNode(place.path, type | 0o600, device)) {
      tree.attributes.setNode(place.path, place.rel, entry);
    } else tree.log.noteAbsent(place.rel, metadataOf(entry, entry.xattrs));
  }

  /** As they are on disk. */
  #namesOf(path: string): readonly string[] {
    const names = splitEntryPath(path, this.#guard.limits);
    return path.isWellFormed() ? names : names.map(diskText);
  }

  #call(make: () => void): void {
    try {
      make();
    } catch (error) {
      // Which disk is full, or not writable, the path in the archive would not say.
      const path = `${this.#target.tree.root}/${this.#path}`;
      throw toLocalError(error, "unpack", path);
    }
  }
}
