import { findSystemCode } from "../io/local_error.ts";
import type { ArchiveEntry } from "../tar/archive_entry.ts";
import { encodeTarText } from "../tar/tar_text.ts";
import { unsafePath } from "./entry_path.ts";
import type { MetadataLog, UnpackedMetadata } from "./metadata_log.ts";
import type { NativeCalls } from "./native_calls.ts";
import type { NodeFs } from "./node_fs.ts";

/** Whose files these become, as a probe showed: reading the user's id takes a permission. */
export interface Creator {
  readonly uid: number;
  readonly gid: number;
  readonly umask: number;
}

/** What {@linkcode Attributes} needs. */
export interface AttributesOptions {
  readonly fs: NodeFs;
  readonly log: MetadataLog;
  readonly creator: Creator;
  readonly native?: NativeCalls | undefined;
}

const SPECIAL_BITS = 0o7000;
/** Attributes by which overlayfs is told what a layer hides: a layer that brings its own lies. */
const OVERLAY_XATTR = /^(trusted|user)\.overlay\./;
/** What a JavaScript Date can be, in seconds. */
const MAX_TIME = 8_640_000_000_000;

/**
 * Gives what was unpacked its owner, mode, time and extended attributes, as far as this user
 * may; the rest is noted in the sidecar.
 */
export class Attributes {
  readonly #fs: NodeFs;
  readonly #log: MetadataLog;
  readonly #creator: Creator;
  readonly #native: NativeCalls | undefined;

  constructor({ fs, log, creator, native }: AttributesOptions) {
    this.#fs = fs;
    this.#log = log;
    this.#creator = creator;
    this.#native = native;
  }

  /** Of a file that is open. @param path Its path, for what takes no handle. */
  setFile(
    handle: number,
    path: string,
    rel: string,
    entry: ArchiveEntry,
  ): void {
    const owned = this.#setOwner(
      entry,
      () => this.#fs.fchownSync(handle, entry.uid, entry.gid),
    );
    const mode = this.#allowedMode(entry.mode);
    if (this.#mustSetMode(entry, mode)) this.#fs.fchmodSync(handle, mode);
    const xattrs = this.#setXattrs(path, entry);
    this.#setTime(
      entry.mtime,
      path,
      (time) => this.#fs.futimesSync(handle, time, time),
    );
    this.#noteUnset(rel, entry, owned && mode === entry.mode, xattrs);
  }

  /** Of a symlink: it has no mode. */
  setLink(path: string, rel: string, entry: ArchiveEntry): void {
    const owned = this.#setOwner(
      entry,
      () => this.#fs.lchownSync(path, entry.uid, entry.gid),
    );
    const xattrs = this.#setXattrs(path, entry);
    const time = Math.min(Math.max(entry.mtime, 0), MAX_TIME);
    this.#fs.lutimesSync(path, time, time);
    this.#noteUnset(rel, entry, owned, xattrs);
  }

  /** Of a folder or device; the caller made sure that it is one, and no link. */
  setNode(path: string, rel: string, entry: ArchiveEntry): void {
    const owned = this.#setOwner(
      entry,
      () => this.#fs.chownSync(path, entry.uid, entry.gid),
    );
    const mode = this.#allowedMode(entry.mode);
    const xattrs = this.#setXattrs(path, entry);
    // The time first: a folder that its owner may not enter is still his to change.
    this.#setTime(
      entry.mtime,
      path,
      (time) => this.#fs.lutimesSync(path, time, time),
    );
    this.#fs.chmodSync(path, mode);
    this.#noteUnset(rel, entry, owned && mode === entry.mode, xattrs);
  }

  get #isRoot(): boolean {
    return this.#creator.uid === 0;
  }

  #allowedMode(mode: number): number {
    return this.#isRoot ? mode : mode & ~SPECIAL_BITS;
  }

  #mustSetMode(entry: ArchiveEntry, mode: number): boolean {
    // A change of owner takes the special bits away, so it comes first and they after.
    return (mode & (SPECIAL_BITS | this.#creator.umask)) !== 0 ||
      this.#isForeign(entry);
  }

  #isForeign({ uid, gid }: ArchiveEntry): boolean {
    return uid !== this.#creator.uid || gid !== this.#creator.gid;
  }

  #setOwner(entry: ArchiveEntry, change: () => void): boolean {
    if (!this.#isForeign(entry)) return true;
    // Whoever isn't root gets all files; what the sidecar doesn't tell of was root's.
    if (!this.#isRoot) return entry.uid === 0 && entry.gid === 0;
    try {
      change();
      return true;
    } catch (error) {
      // Root of a user namespace, or without the capability: no such owner here.
      const code = findSystemCode(error) ?? "";
      if (["EPERM", "EINVAL", "ERR_OUT_OF_RANGE"].includes(code)) return false;
      throw error;
    }
  }

  #setTime(mtime: number, path: string, set: (time: number) => void): void {
    if (mtime >= 0) return set(Math.min(mtime, MAX_TIME));
    // Node takes a negative time for the present one.
    const date = new Date(Math.max(mtime, -MAX_TIME) * 1000);
    Deno.utimeSync(path, date, date);
  }

  /** Those that could not be set. */
  #setXattrs(
    path: string,
    { xattrs }: ArchiveEntry,
  ): ReadonlyMap<string, Uint8Array> | undefined {
    if (xattrs === undefined) return undefined;
    const unset = new Map<string, Uint8Array>();
    for (const [name, value] of xattrs) {
      if (this.#native?.setXattr(path, name, value) !== true) {
        unset.set(name, value);
      }
    }
    return unset.size > 0 ? unset : undefined;
  }

  #noteUnset(
    rel: string,
    entry: ArchiveEntry,
    complete: boolean,
    xattrs: ReadonlyMap<string, Uint8Array> | undefined,
  ): void {
    const named = entry.path.isWellFormed() && entry.linkPath.isWellFormed();
    if (complete && xattrs === undefined && named) return;
    this.#log.note(rel, metadataOf(entry, xattrs));
  }
}

/** @throws IntegrityError `path-unsafe` for attributes that would deceive overlayfs. */
export function refuseOverlayXattrs({ path, xattrs }: ArchiveEntry): void {
  for (const name of xattrs?.keys() ?? []) {
    if (!OVERLAY_XATTR.test(name)) continue;
    throw unsafePath(path, `it has the attribute ${name} of overlayfs`);
  }
}

/** What the sidecar tells of an entry. */
export function metadataOf(
  { type, mode, uid, gid, mtime, device, path, linkPath }: ArchiveEntry,
  xattrs?: ReadonlyMap<string, Uint8Array>,
): UnpackedMetadata {
  return {
    type,
    mode,
    uid,
    gid,
    mtime,
    ...device ? { device } : {},
    ...path.isWellFormed() ? {} : { pathBytes: encodeTarText(path) },
    ...linkPath.isWellFormed() ? {} : { linkBytes: encodeTarText(linkPath) },
    ...xattrs ? { xattrs } : {},
  };
}
