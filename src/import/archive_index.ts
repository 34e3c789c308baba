import { IntegrityError } from "../errors.ts";
import type { ArchiveEntry, ArchiveHandler } from "../tar/archive_entry.ts";
import { archiveInvalid } from "../tar/archive_invalid.ts";
import { folderOf, normalizePath } from "./archive_path.ts";
import type { FileRange } from "./file_chunks.ts";

/** Where the content of entries goes, or stands. */
export interface ContentPlace {
  /** Where the next byte will be, or is. */
  readonly position: number;
  /** Takes content; never called where entries are passed over. */
  write(bytes: Uint8Array): void;
}

type IndexEntry =
  | FileRange & { readonly kind: "file" }
  | { readonly kind: "link"; readonly target: string | undefined };

/** Far more than images have blobs. */
const MAX_ENTRIES = 100_000;
const MAX_PATH_LENGTH = 4096;
const MAX_LINKS = 16;
const BLOB_PATH = /^blobs\/[^/]+\/[^/]+$/;

/** Learns from an archive on its way which files it has, and where their bytes are. */
export class ArchiveIndex implements ArchiveHandler {
  readonly #entries = new Map<string, IndexEntry>();
  readonly #place: ContentPlace;
  #count = 0;

  constructor(place: ContentPlace) {
    this.#place = place;
  }

  /** Whether nothing was found so far. */
  get isEmpty(): boolean {
    return this.#count === 0;
  }

  /** A file, links resolved; undefined where there is none, or only a link that leads out. */
  find(path: string): FileRange | undefined {
    let next = normalizePath(path);
    for (let links = 0; links <= MAX_LINKS; links++) {
      const entry = next === undefined ? undefined : this.#entries.get(next);
      if (entry?.kind !== "link") return entry;
      next = entry.target;
    }
    return undefined;
  }

  entry(entry: ArchiveEntry): void {
    if (++this.#count > MAX_ENTRIES) {
      throw new IntegrityError(
        "limit-exceeded",
        `Cannot import: the archive has more than ${MAX_ENTRIES} entries`,
        { details: { limit: MAX_ENTRIES } },
      );
    }
    const path = safePath(entry);
    const found = this.#read(entry, path);
    if (found === undefined) return;
    if (this.#entries.has(path)) {
      // Whichever is read: its digest tells whether it is the one that is meant.
      if (BLOB_PATH.test(path)) return;
      throw archiveInvalid(path, "it stands twice in the archive");
    }
    this.#entries.set(path, found);
  }

  data(bytes: Uint8Array): void {
    this.#place.write(bytes);
  }

  end(): void {}

  #read(entry: ArchiveEntry, path: string): IndexEntry | undefined {
    switch (entry.type) {
      case "file":
        if (entry.sparse) {
          throw archiveInvalid(path, "it is a sparse file, which no image has");
        }
        return { kind: "file", offset: this.#place.position, size: entry.size };
      case "symlink": {
        const target = normalizePath(entry.linkPath, folderOf(path));
        return { kind: "link", target };
      }
      case "hardlink":
        return { kind: "link", target: normalizePath(entry.linkPath) };
      default:
        return undefined;
    }
  }
}

/** No tool writes other paths, and some would follow them. */
function safePath({ path }: ArchiveEntry): string {
  const normal = normalizePath(path);
  if (
    normal === undefined || path.length > MAX_PATH_LENGTH ||
    path.split("/").includes("..")
  ) {
    throw new IntegrityError(
      "path-unsafe",
      archiveInvalid(path, "its path leads out of the archive").message,
    );
  }
  return normal;
}
