import type { ArchiveEntry } from "../tar/archive_entry.ts";
import { refuseOverlayXattrs } from "./attributes.ts";
import { type PathLimits, splitEntryPath, unsafePath } from "./entry_path.ts";
import { followMerged } from "./follow_merged.ts";
import { findLinked } from "./merged_link.ts";
import {
  type EntryOrigin,
  type MergedFolder,
  newFolder,
} from "./merged_node.ts";
import {
  enterFolder,
  findPlace,
  locatePlace,
  type MergedPlace,
  putLeaf,
} from "./merged_place.ts";
import { hideAt, hideContent } from "./merged_whiteout.ts";
import { classifyLayerPath } from "./whiteout.ts";

/** An entry that the layers below may put elsewhere than it was put here. */
export interface Doubt {
  readonly origin: EntryOrigin;
  /** As asked for. */
  readonly names: readonly string[];
  /** Whether it may change whatever there is: an opaque folder. */
  readonly isWide: boolean;
}

/**
 * Layers merged in memory, headers only: what {@linkcode FileTree} makes on disk, without a
 * disk. It may begin above layers that were not read; then it knows what it doesn't know.
 */
export class MergedTree {
  readonly root: MergedFolder;
  /** Empty where all layers are there. */
  readonly doubts: Doubt[] = [];
  readonly #limits: PathLimits;
  /** Paths of the layer at hand, which its own whiteouts don't hide. */
  #own: Set<string> | undefined;
  #layer = 0;

  /** @param base What is below the first layer: nothing, or layers that were not read. */
  constructor(limits: PathLimits, base: "nothing" | "unknown") {
    this.#limits = limits;
    this.root = newFolder({ isOpen: base === "unknown" });
  }

  /** Begins a layer. @param layer Its place in the image; nothing is below 0. */
  startLayer(layer: number): void {
    this.#layer = layer;
    this.#own = layer > 0 ? new Set() : undefined;
  }

  /**
   * Takes the next entry of the layer.
   *
   * @throws IntegrityError `path-unsafe` or `limit-exceeded`, as unpacking does.
   */
  add(entry: ArchiveEntry, index: number): void {
    const names = splitEntryPath(entry.path, this.#limits, "linux");
    const origin = { layer: this.#layer, index };
    const meaning = classifyLayerPath(names);
    switch (meaning.kind) {
      case "entry":
        return this.#make(entry, names, origin);
      case "whiteout":
        return this.#hide(meaning.names, origin);
      case "opaque":
        return this.#hideContent(meaning.names, origin);
      case "ignored":
        return;
    }
  }

  #make(
    entry: ArchiveEntry,
    names: readonly string[],
    origin: EntryOrigin,
  ): void {
    refuseOverlayXattrs(entry);
    if (names.length === 0 && entry.type !== "directory") {
      throw unsafePath(entry.path, `the root can't be a ${entry.type}`);
    }
    if (entry.type === "hardlink") return this.#link(entry, names, origin);
    const place = locatePlace(this.root, names, this.#limits);
    this.#noteDoubt(place.isDoubtful, names, origin);
    this.#own?.add(place.rel);
    if (entry.type === "directory") {
      return this.#makeFolder(place, entry, origin);
    }
    putLeaf(place, { kind: "leaf", entry, origin, isUnknown: false });
  }

  #makeFolder(
    { folder, name }: MergedPlace,
    entry: ArchiveEntry,
    origin: EntryOrigin,
  ): void {
    const made = name === undefined ? folder : enterFolder(folder, name);
    if (made.isAssumed) {
      made.contest = origin;
      made.isAssumed = false;
    }
    made.entry = entry;
    made.origin = origin;
  }

  /** Hard links share what they are names of; a link to a symlink is another such. */
  #link(
    entry: ArchiveEntry,
    names: readonly string[],
    origin: EntryOrigin,
  ): void {
    // Before anything in its place is removed: it may be this very file.
    const from = findLinked(this.root, { entry, origin }, this.#limits);
    const place = locatePlace(this.root, names, this.#limits);
    this.#noteDoubt(place.isDoubtful, names, origin);
    this.#own?.add(place.rel);
    if (from.rel === place.rel) return;
    if (from.rel?.startsWith(`${place.rel}/`)) {
      throw unsafePath(
        entry.path,
        "its target is in the folder that it replaces",
      );
    }
    putLeaf(place, from.leaf);
  }

  #hide(names: readonly string[], origin: EntryOrigin): void {
    const place = findPlace(this.root, names);
    if (place === "absent") return;
    const isDoubtful = place === "unknown" || place.isDoubtful;
    this.#noteDoubt(isDoubtful, names, origin);
    if (place === "unknown" || place.name === undefined) return;
    hideAt(place.folder, place.name, { rel: place.rel, own: this.#own });
  }

  #hideContent(names: readonly string[], origin: EntryOrigin): void {
    const { parts, isDoubtful } = followMerged(this.root, names);
    if (isDoubtful) this.doubts.push({ origin, names, isWide: true });
    const last = parts.at(-1);
    if (parts.some(({ kind }) => kind !== "folder")) return;
    const own = { rel: last?.rel ?? "", own: this.#own };
    hideContent(last?.folder ?? this.root, own);
  }

  #noteDoubt(
    isDoubtful: boolean,
    names: readonly string[],
    origin: EntryOrigin,
  ): void {
    if (isDoubtful) this.doubts.push({ origin, names, isWide: false });
  }
}
