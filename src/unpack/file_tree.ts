import type { ArchiveEntry } from "../tar/archive_entry.ts";
import type { Attributes } from "./attributes.ts";
import { unsafePath } from "./entry_path.ts";
import { FolderAttributes } from "./folder_attributes.ts";
import { lookAt } from "./look_at.ts";
import type { MetadataLog } from "./metadata_log.ts";
import { resolveFolder } from "./resolve_folder.ts";

/** A place in a tree whose folder is real: no part of it before the name is a link. */
export interface Place {
  /** Path from the tree's root, without links in its folders; empty for the root. */
  readonly rel: string;
  /** Path for the system. */
  readonly path: string;
}

/**
 * The tree that layers are unpacked into. It stands in a folder that nobody else may enter, so
 * what is looked at is what is used. The system never gets a path with a link in its folders:
 * links are read and resolved here, as if the tree were all there is.
 */
export class FileTree {
  readonly root: string;
  readonly attributes: Attributes;
  readonly log: MetadataLog;
  /** All folders of the tree, and what they are to be. */
  readonly folders: FolderAttributes;
  /** Folder as asked for → as it is, without links. */
  readonly #resolved = new Map<string, string>();
  /** Paths of the layer at hand, which its own whiteouts don't hide. */
  #own: Set<string> | undefined;

  constructor(root: string, attributes: Attributes, log: MetadataLog) {
    this.root = root;
    this.attributes = attributes;
    this.log = log;
    this.folders = new FolderAttributes(attributes);
  }

  /** Begins a layer. @param covers Whether there are layers below it. */
  startLayer(covers: boolean): void {
    this.#own = covers ? new Set() : undefined;
  }

  /** Where an entry belongs; its folders are made where there are none. */
  locate(names: readonly string[]): Place {
    const folder = this.#folderOf(names, true) ?? "";
    return this.#place(folder, names.at(-1));
  }

  /** Where an entry would be; undefined where its folder isn't there. */
  find(names: readonly string[]): Place | undefined {
    const folder = this.#folderOf(names, false);
    return folder === undefined ? undefined : this.#place(folder, names.at(-1));
  }

  /** A folder, links in its path resolved; made where there is none. */
  locateFolder(names: readonly string[]): Place {
    return this.#placeOf(this.#folderOf([...names, ""], true) ?? "");
  }

  /** A folder, links in its path resolved; undefined where there is none. */
  findFolder(names: readonly string[]): Place | undefined {
    const folder = this.#folderOf([...names, ""], false);
    return folder === undefined ? undefined : this.#placeOf(folder);
  }

  /** Notes that the layer at hand has made an entry. */
  claim(rel: string): void {
    this.#own?.add(rel);
  }

  /** Whether the layer at hand has made an entry. */
  owns(rel: string): boolean {
    return this.#own?.has(rel) ?? true;
  }

  /** Whether there is a folder that the tree made. */
  isFolder({ rel }: Place): boolean {
    return this.folders.has(rel);
  }

  /** Makes a folder, or takes the one that is there, with the attributes of an entry. */
  makeFolder({ rel, path }: Place, entry: ArchiveEntry | undefined): void {
    if (rel !== "" && !this.folders.has(rel)) {
      this.makeRoom({ rel, path });
      Deno.mkdirSync(path, { mode: 0o700 });
    }
    this.folders.set(rel, entry);
  }

  /** Removes whatever is at a place, with all that is in it. */
  makeRoom({ rel, path }: Place): void {
    this.log.forget(rel);
    const info = lookAt(path);
    if (info === undefined) return;
    if (rel === "") throw unsafePath("/", "it is no folder");
    if (info.isDirectory) {
      for (const child of this.#childrenOf({ rel, path })) this.makeRoom(child);
      this.#forgetFolder(rel);
    } else if (info.isSymlink) this.#resolved.clear();
    Deno.removeSync(path);
  }

  /** Removes what layers below have at a place; what this layer has made there stays. */
  hide({ rel, path }: Place): void {
    const info = lookAt(path);
    if (info?.isDirectory) return this.#hideFolder({ rel, path });
    if (!this.owns(rel)) this.makeRoom({ rel, path });
  }

  /** Removes what layers below have in a folder. */
  hideContent(folder: Place): void {
    if (!lookAt(folder.path)?.isDirectory) return;
    for (const child of this.#childrenOf(folder)) this.hide(child);
  }

  #hideFolder(folder: Place): void {
    this.hideContent(folder);
    if (this.owns(folder.rel)) return;
    const left = this.#childrenOf(folder);
    if (left.length === 0) this.makeRoom(folder);
  }

  #childrenOf({ rel, path }: Place): readonly Place[] {
    const names = new Set(this.log.absentIn(rel));
    for (const { name } of Deno.readDirSync(path)) names.add(name);
    return [...names].map((name) => this.#place(rel, name));
  }

  #forgetFolder(rel: string): void {
    this.folders.forget(rel);
    this.#resolved.clear();
  }

  #placeOf(rel: string): Place {
    return { rel, path: rel === "" ? this.root : `${this.root}/${rel}` };
  }

  #place(folder: string, name: string | undefined): Place {
    if (name === undefined) return this.#placeOf(folder);
    return this.#placeOf(folder === "" ? name : `${folder}/${name}`);
  }

  #folderOf(names: readonly string[], create: boolean): string | undefined {
    if (names.length < 2) return "";
    const asked = names.slice(0, -1).join("/");
    const known = this.#resolved.get(asked);
    if (known !== undefined) return known;
    const make = (rel: string): void =>
      this.makeFolder(this.#placeOf(rel), undefined);
    const folder = resolveFolder(
      this.root,
      names.slice(0, -1),
      create ? make : undefined,
    );
    if (folder !== undefined) this.#resolved.set(asked, folder);
    return folder;
  }
}
