import type { ArchiveEntry } from "../tar/archive_entry.ts";
import { refuseOverlayXattrs } from "./attributes.ts";
import { type PathLimits, splitEntryPath, unsafePath } from "./entry_path.ts";
import { followMerged } from "./follow_merged.ts";
import {
  type EntryOrigin,
  lookIn,
  type MergedFolder,
  type MergedLeaf,
  newFolder,
} from "./merged_node.ts";
import { hideAt, hideContent } from "./merged_whiteout.ts";
import { exceeded } from "./unpack_limits.ts";
import { classifyLayerPath } from "./whiteout.ts";

/** An entry that the layers below may put elsewhere than it was put here. */
export interface Doubt {
  readonly origin: EntryOrigin;
  /** As asked for. */
  readonly names: readonly string[];
  /** Whether it may change whatever there is: an opaque folder. */
  readonly isWide: boolean;
}

/** A place in the tree; without a name it is the root. */
interface MergedPlace {
  readonly folder: MergedFolder;
  readonly name: string | undefined;
  readonly rel: string;
  readonly isDoubtful: boolean;
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
    const place = this.#locate(names);
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
    const from = this.#linked(entry, origin);
    const place = this.#locate(names);
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

  #linked(
    entry: ArchiveEntry,
    origin: EntryOrigin,
  ): { readonly leaf: MergedLeaf; readonly rel?: string } {
    const names = splitEntryPath(entry.linkPath, this.#limits, "linux");
    const last = names.at(-1);
    const parent = last === undefined ? "absent" : this.#find(names);
    const unknown = { kind: "leaf", entry, origin, isUnknown: true } as const;
    if (parent === "unknown") return { leaf: unknown };
    const found = parent === "absent" || last === undefined
      ? "absent"
      : lookIn(parent.folder, last);
    if (found === "unknown") return { leaf: unknown };
    if (found === "absent" || parent === "absent") {
      throw unsafePath(entry.path, "it is a hard link to what is not there");
    }
    if (found.kind === "folder") {
      // Assumed folders may be links, which a hard link may well lead to.
      if (found.isAssumed || parent.isDoubtful) return { leaf: unknown };
      throw unsafePath(entry.path, "it is a hard link to a folder");
    }
    return parent.isDoubtful
      ? { leaf: unknown }
      : { leaf: found, rel: parent.rel };
  }

  #hide(names: readonly string[], origin: EntryOrigin): void {
    const place = this.#find(names);
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

  /** Where an entry belongs; its folders are made where there are none. */
  #locate(names: readonly string[]): MergedPlace {
    const { parts, isDoubtful } = followMerged(this.root, names.slice(0, -1));
    let folder = this.root;
    for (const part of parts) {
      if (part.kind === "other") {
        throw unsafePath(names.join("/"), "a part of its path is no folder");
      }
      folder = part.folder ?? enterFolder(folder, part.name, true);
    }
    // By way of links it may be deeper than any path that is written.
    const { maxDepth, maxPathBytes } = this.#limits;
    if (parts.length >= maxDepth) {
      throw exceeded("a path has more names than", this.#limits, "maxDepth");
    }
    if ((parts.at(-1)?.rel.length ?? 0) > maxPathBytes) {
      throw exceeded(
        "a path has more bytes than",
        this.#limits,
        "maxPathBytes",
      );
    }
    return placeIn(folder, parts.at(-1)?.rel, names.at(-1), isDoubtful);
  }

  /** Where an entry would be. */
  #find(names: readonly string[]): MergedPlace | "absent" | "unknown" {
    const { parts, isDoubtful } = followMerged(this.root, names.slice(0, -1));
    if (parts.some(({ kind }) => kind === "unknown")) return "unknown";
    if (parts.some(({ kind }) => kind !== "folder")) return "absent";
    const last = parts.at(-1);
    return placeIn(
      last?.folder ?? this.root,
      last?.rel,
      names.at(-1),
      isDoubtful,
    );
  }

  #noteDoubt(
    isDoubtful: boolean,
    names: readonly string[],
    origin: EntryOrigin,
  ): void {
    if (isDoubtful) this.doubts.push({ origin, names, isWide: false });
  }
}

function placeIn(
  folder: MergedFolder,
  above: string | undefined,
  name: string | undefined,
  isDoubtful: boolean,
): MergedPlace {
  const rel = [above, name].filter((part) => part !== undefined).join("/");
  return { folder, name, rel, isDoubtful };
}

/** The folder by a name, made where there is none; what else stands there is replaced. */
function enterFolder(
  folder: MergedFolder,
  name: string,
  isAssumed = false,
): MergedFolder {
  const found = lookIn(folder, name);
  if (found !== "absent" && found !== "unknown" && found.kind === "folder") {
    return found;
  }
  const isOpen = found === "unknown";
  const made = newFolder({ isOpen, isAssumed: isOpen && isAssumed });
  folder.children.set(name, made);
  return made;
}

function putLeaf({ folder, name, rel }: MergedPlace, leaf: MergedLeaf): void {
  if (name === undefined) throw unsafePath(rel, "it is no folder");
  folder.children.set(name, leaf);
}
