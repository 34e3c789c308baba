import type { ArchiveEntry, ArchiveEntryType } from "./archive_entry.ts";
import { archiveInvalid } from "./archive_invalid.ts";
import type { ExtendedHeader } from "./extended_header.ts";
import type { TarBlock } from "./parse_tar_block.ts";

/** All that stands before an entry's content. */
export interface EntryHeaders {
  readonly block: TarBlock;
  readonly extended: ExtendedHeader;
  /** GNU's `L` and `K`. */
  readonly longName?: string | undefined;
  readonly longLink?: string | undefined;
}

/** An entry, and how many bytes of its content are in the archive. */
export interface MergedEntry {
  readonly entry: ArchiveEntry;
  readonly storedBytes: number;
}

const TYPES: Readonly<Record<string, ArchiveEntryType>> = {
  "0": "file",
  "7": "file", // contiguous: a hint to the file system
  S: "file",
  "1": "hardlink",
  "2": "symlink",
  "3": "character-device",
  "4": "block-device",
  "5": "directory",
  "6": "fifo",
};
/** Sizes below this fit the field of the header block, so a PAX record has no call to differ. */
const FIELD_LIMIT = 8 ** 11;

/**
 * Makes one entry of its headers. What two readers could understand in two ways is refused:
 * that is how entries are hidden from one of them (CVE-2025-62518).
 *
 * @throws IntegrityError `archive-invalid`
 */
export function mergeHeaders(headers: EntryHeaders): MergedEntry {
  const { block, extended } = headers;
  const path = agreed("name", block.path, headers.longName, extended.path);
  if (path === "") throw archiveInvalid(path, "its name is empty");
  const type = typeOf(block, path);
  const storedBytes = storedSize(block, extended, path);
  if (type !== "file" && storedBytes !== 0) {
    throw archiveInvalid(path, `it is a ${type} with ${storedBytes} bytes`);
  }
  if (block.typeFlag === "S" && (!block.gnu || extended.sparse)) {
    throw archiveInvalid(path, "it is sparse in two ways at once");
  }
  if (extended.sparse && type !== "file") {
    throw archiveInvalid(path, `it is a ${type} that is sparse`);
  }
  const linked = type === "symlink" || type === "hardlink";
  const linkPath = linked ? linkOf(headers, path) : "";
  const entry: ArchiveEntry = {
    path,
    type,
    size: extended.sparse?.size ?? storedBytes,
    mode: block.mode & 0o7777,
    uid: extended.uid ?? block.uid,
    gid: extended.gid ?? block.gid,
    mtime: extended.mtime ?? block.mtime,
    linkPath,
    sparse: extended.sparse !== undefined || block.typeFlag === "S",
    ...type.endsWith("device") ? { device: block.device } : {},
    ...extended.xattrs ? { xattrs: extended.xattrs } : {},
  };
  return { entry, storedBytes };
}

function linkOf(
  { block, longLink, extended }: EntryHeaders,
  path: string,
): string {
  const link = agreed("link", block.linkPath, longLink, extended.linkPath);
  if (link === "") throw archiveInvalid(path, "its link is empty");
  return link;
}

function agreed(
  title: string,
  short: string,
  gnu: string | undefined,
  pax: string | undefined,
): string {
  const text = pax ?? gnu ?? short;
  if (gnu !== undefined && pax !== undefined && gnu !== pax) {
    throw archiveInvalid(pax, `its ${title} is "${gnu}" as well`);
  }
  return text;
}

function typeOf(block: TarBlock, path: string): ArchiveEntryType {
  const type = TYPES[block.typeFlag];
  if (type === undefined) {
    throw archiveInvalid(path, `its type "${block.typeFlag}" is not known`);
  }
  // Before there was a type for folders, a slash told them (v7).
  return block.typeFlag === "0" && path.endsWith("/") ? "directory" : type;
}

function storedSize(
  block: TarBlock,
  extended: ExtendedHeader,
  path: string,
): number {
  const { size = block.size } = extended;
  if (size === block.size || size >= FIELD_LIMIT) return size;
  throw archiveInvalid(
    path,
    `its size is ${block.size} in one header and ${size} in another`,
  );
}
