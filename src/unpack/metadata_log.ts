import type { ArchiveEntry, DeviceNumbers } from "../tar/archive_entry.ts";

/** What of an entry could not be made on disk, or not as the image has it. */
export interface UnpackedMetadata {
  readonly type: ArchiveEntry["type"];
  readonly mode: number;
  readonly uid: number;
  readonly gid: number;
  readonly mtime: number;
  readonly device?: DeviceNumbers;
  /** The archive's name, where that is no UTF-8. */
  readonly pathBytes?: Uint8Array;
  /** The target of a link, where that is no UTF-8. */
  readonly linkBytes?: Uint8Array;
  readonly xattrs?: ReadonlyMap<string, Uint8Array>;
}

/**
 * The sidecar: one JSON object a line, for each entry that is not on disk as the image has it.
 * What later layers remove or replace is forgotten.
 */
export class MetadataLog {
  /** Of entries that are on disk, by path. */
  readonly #onDisk = new Map<string, UnpackedMetadata>();
  /** Of entries that are not (devices, FIFOs), by folder and name. */
  readonly #absent = new Map<string, Map<string, UnpackedMetadata>>();

  /** How many entries it tells of. */
  get size(): number {
    let absent = 0;
    for (const names of this.#absent.values()) absent += names.size;
    return this.#onDisk.size + absent;
  }

  /** Notes what an entry on disk should have been. */
  note(path: string, metadata: UnpackedMetadata): void {
    this.#onDisk.set(path, metadata);
  }

  /** Notes an entry that could not be made at all. */
  noteAbsent(path: string, metadata: UnpackedMetadata): void {
    const [folder, name] = splitLast(path);
    const names = this.#absent.get(folder) ?? new Map();
    this.#absent.set(folder, names.set(name, metadata));
  }

  /** What is noted of an entry that is not on disk. */
  findAbsent(path: string): UnpackedMetadata | undefined {
    const [folder, name] = splitLast(path);
    return this.#absent.get(folder)?.get(name);
  }

  /** Names noted in a folder that are not on disk. */
  absentIn(folder: string): readonly string[] {
    return [...this.#absent.get(folder)?.keys() ?? []];
  }

  /** Copies what is noted: a hard link is the same file. */
  copy(from: string, to: string): void {
    const metadata = this.#onDisk.get(from);
    if (metadata !== undefined) this.#onDisk.set(to, metadata);
  }

  /** Forgets an entry. */
  forget(path: string): void {
    this.#onDisk.delete(path);
    if (this.#absent.size === 0) return;
    const [folder, name] = splitLast(path);
    this.#absent.get(folder)?.delete(name);
  }

  /** The lines, by path. */
  *lines(extra: Readonly<Record<string, string>> = {}): Generator<string> {
    const all = [...this.#onDisk];
    for (const [folder, names] of this.#absent) {
      for (const [name, metadata] of names) {
        all.push([folder === "" ? name : `${folder}/${name}`, metadata]);
      }
    }
    all.sort(([a], [b]) => a < b ? -1 : 1);
    for (const [path, metadata] of all) {
      yield JSON.stringify({ ...extra, path, ...toJson(metadata) });
    }
  }
}

function toJson(
  { xattrs, mode, pathBytes, linkBytes, ...rest }: UnpackedMetadata,
): object {
  const values = [...xattrs ?? []].map(([name, value]) =>
    [name, value.toBase64()] as const
  );
  return {
    ...rest,
    mode: mode.toString(8).padStart(4, "0"),
    ...pathBytes ? { pathBytes: pathBytes.toBase64() } : {},
    ...linkBytes ? { linkBytes: linkBytes.toBase64() } : {},
    ...values.length > 0 ? { xattrs: Object.fromEntries(values) } : {},
  };
}

function splitLast(path: string): readonly [folder: string, name: string] {
  const slash = path.lastIndexOf("/");
  return slash < 0 ? ["", path] : [path.slice(0, slash), path.slice(slash + 1)];
}
