import type { ArchiveEntryType, DeviceNumbers } from "./archive_entry.ts";
import { concatBytes } from "./concat_bytes.ts";
import { paxRecord, paxTime } from "./pax_record.ts";
import { encodeTarText } from "./tar_text.ts";

/** What stands in an archive: POSIX ustar, with PAX records where a field is too long for it. */
export type TarEntryType = ArchiveEntryType;

/** The metadata of one entry of a tar archive. */
export interface TarHeader {
  /** Relative path with `/`; a directory needs no trailing slash. */
  readonly path: string;
  /** Default: `file`. */
  readonly type?: TarEntryType;
  /** Bytes of content that follow the header. Default: 0. */
  readonly size?: number;
  /** Permission bits. Default: 0o755 for directories, else 0o644. */
  readonly mode?: number;
  /** Seconds since 1970, with a fraction or below 0. Default: 0, so that archives are reproducible. */
  readonly mtime?: number;
  /** Default: 0. */
  readonly uid?: number;
  /** Default: 0. */
  readonly gid?: number;
  /** Target of a symlink or hard link. */
  readonly linkPath?: string;
  /** Of a device node. Default: 0, 0. */
  readonly device?: DeviceNumbers;
  /** Extended attributes, by full name. */
  readonly xattrs?: ReadonlyMap<string, Uint8Array>;
}

/** What a tar archive is made of. */
export const TAR_BLOCK_BYTES = 512;
const TYPE_FLAGS = {
  file: "0",
  hardlink: "1",
  symlink: "2",
  "character-device": "3",
  "block-device": "4",
  directory: "5",
  fifo: "6",
} as const;
const encoder = new TextEncoder();

/**
 * Encodes the blocks that stand before an entry's content: a ustar header, and
 * before that a PAX header where ustar has no room for a field.
 *
 * @throws RangeError when a number but the time is negative or not an integer, or a path is empty or has a NUL
 */
export function tarHeader(header: TarHeader): Uint8Array<ArrayBuffer> {
  const type = header.type ?? "file";
  const path = type === "directory" && !header.path.endsWith("/")
    ? `${header.path}/`
    : header.path;
  const linkPath = header.linkPath ?? "";
  checkPath(header.path);
  if (type === "symlink" || type === "hardlink") checkPath(linkPath);
  const records = paxRecords({ ...header, path, linkPath });
  const ustar = ustarBlock({ ...header, path, linkPath }, TYPE_FLAGS[type]);
  if (records.length === 0) return ustar;
  const pax = ustarBlock({
    path: "PaxHeaders/entry",
    size: records.length,
    mode: 0o644,
  }, "x");
  return concatBytes([
    pax,
    records,
    new Uint8Array(tarPadding(records.length)),
    ustar,
  ]);
}

/** Zero bytes that follow content of this many bytes, up to the next block. */
export function tarPadding(size: number): number {
  return (TAR_BLOCK_BYTES - size % TAR_BLOCK_BYTES) % TAR_BLOCK_BYTES;
}

function ustarBlock(
  header: TarHeader,
  typeFlag: string,
): Uint8Array<ArrayBuffer> {
  const block = new Uint8Array(TAR_BLOCK_BYTES);
  const { name, prefix } = splitPath(encodeTarText(header.path));
  const defaultMode = typeFlag === "5" ? 0o755 : 0o644;
  block.set(name, 0);
  putOctal(block, 100, 8, header.mode ?? defaultMode);
  putOctal(block, 108, 8, header.uid ?? 0);
  putOctal(block, 116, 8, header.gid ?? 0);
  putOctal(block, 124, 12, header.size ?? 0);
  putOctal(block, 136, 12, Math.max(0, Math.floor(header.mtime ?? 0)));
  block.set(encoder.encode(typeFlag), 156);
  block.set(encodeTarText(header.linkPath ?? "").subarray(0, 100), 157);
  block.set(encoder.encode("ustar\x0000"), 257);
  if (header.device !== undefined) {
    putOctal(block, 329, 8, header.device.major);
    putOctal(block, 337, 8, header.device.minor);
  }
  block.set(prefix, 345);
  putChecksum(block);
  return block;
}

/** A path of more than 100 bytes may be split at a slash; a longer one is cut and PAX has the whole. */
function splitPath(path: Uint8Array): { name: Uint8Array; prefix: Uint8Array } {
  const empty = new Uint8Array(0);
  if (path.length <= 100) return { name: path, prefix: empty };
  for (
    let at = Math.min(155, path.length - 2);
    at >= path.length - 101 && at > 0;
    at--
  ) {
    if (path[at] === 0x2f) {
      return { name: path.subarray(at + 1), prefix: path.subarray(0, at) };
    }
  }
  return { name: path.subarray(0, 100), prefix: empty };
}

function paxRecords(header: TarHeader): Uint8Array<ArrayBuffer> {
  const path = encodeTarText(header.path);
  const { name, prefix } = splitPath(path);
  const whole = name.length + (prefix.length === 0 ? 0 : prefix.length + 1);
  const { mtime = 0 } = header;
  const linkPath = encodeTarText(header.linkPath ?? "");
  const records: Uint8Array[] = [];
  if (whole < path.length || !isAscii(path)) {
    records.push(paxRecord("path", path));
  }
  if (linkPath.length > 100 || !isAscii(linkPath)) {
    records.push(paxRecord("linkpath", linkPath));
  }
  for (const [key, digits] of [["uid", 7], ["gid", 7], ["size", 11]] as const) {
    const value = header[key] ?? 0;
    if (value >= 8 ** digits) records.push(paxRecord(key, String(value)));
  }
  if (!Number.isInteger(mtime) || mtime < 0 || mtime >= 8 ** 11) {
    records.push(paxRecord("mtime", paxTime(mtime)));
  }
  for (const [key, value] of header.xattrs ?? []) {
    records.push(paxRecord(`SCHILY.xattr.${key}`, value));
  }
  return concatBytes(records);
}

function putOctal(
  block: Uint8Array,
  offset: number,
  width: number,
  value: number,
): void {
  if (!Number.isSafeInteger(value) || value < 0) {
    throw new RangeError(
      `Cannot write tar number "${value}": it is no safe integer of at least 0`,
    );
  }
  const limit = 8 ** (width - 1);
  // A number too large for its field stands in a PAX record, which readers prefer.
  const digits = (value < limit ? value : 0).toString(8).padStart(
    width - 1,
    "0",
  );
  block.set(encoder.encode(digits), offset);
}

function putChecksum(block: Uint8Array): void {
  block.fill(0x20, 148, 156);
  const sum = block.reduce((total, byte) => total + byte, 0);
  block.set(encoder.encode(`${sum.toString(8).padStart(6, "0")}\0 `), 148);
}

function checkPath(path: string): void {
  if (path === "" || path.includes("\0")) {
    throw new RangeError(
      `Cannot write tar path ${JSON.stringify(path)}: it is empty or has a NUL`,
    );
  }
}

function isAscii(bytes: Uint8Array): boolean {
  return bytes.every((byte) => byte < 0x80);
}
