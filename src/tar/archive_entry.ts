/** What an entry of an archive makes. */
export type ArchiveEntryType =
  | "file"
  | "directory"
  | "symlink"
  | "hardlink"
  | "character-device"
  | "block-device"
  | "fifo";

/** Numbers of a device node. */
export interface DeviceNumbers {
  /** Which driver. */
  readonly major: number;
  /** Which of its devices. */
  readonly minor: number;
}

/** An entry as it was read from an archive. Paths are as archived: nothing about them is safe. */
export interface ArchiveEntry {
  /** Not empty, without NUL; may have `..`, a leading or trailing slash, anything. */
  readonly path: string;
  readonly type: ArchiveEntryType;
  /** Bytes of the file once unpacked, holes of a sparse file included; 0 for all that is no file. */
  readonly size: number;
  /** Permission bits with setuid, setgid and sticky. */
  readonly mode: number;
  readonly uid: number;
  readonly gid: number;
  /** Seconds since 1970, with a fraction where the archive has one; may be negative. */
  readonly mtime: number;
  /** Target of a symlink or hard link, else empty. */
  readonly linkPath: string;
  /** Only of device nodes. */
  readonly device?: DeviceNumbers;
  /** Extended attributes, by full name (`security.capability`). */
  readonly xattrs?: ReadonlyMap<string, Uint8Array>;
  /** Whether content comes in pieces with holes between them. */
  readonly sparse: boolean;
}

/** Takes what a reader finds: for each entry `entry`, `data` any number of times, `end`. */
export interface ArchiveHandler {
  entry(entry: ArchiveEntry): void;
  /**
   * A piece of the current file.
   *
   * @param bytes Valid during the call only.
   * @param offset Where in the file; ascending, with gaps only in a sparse file.
   */
  data(bytes: Uint8Array, offset: number): void;
  /** The current entry is whole. */
  end(): void;
}
