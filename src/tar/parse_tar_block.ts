import type { DeviceNumbers } from "./archive_entry.ts";
import { archiveInvalid } from "./archive_invalid.ts";
import { parseTarNumber } from "./parse_tar_number.ts";
import { TAR_BLOCK_BYTES } from "./tar_header.ts";
import { decodeTarText } from "./tar_text.ts";

/** A header block, before extended headers are merged into it. */
export interface TarBlock {
  readonly path: string;
  /** One character; NUL of old archives is `0`. */
  readonly typeFlag: string;
  readonly size: number;
  readonly mode: number;
  readonly uid: number;
  readonly gid: number;
  readonly mtime: number;
  readonly linkPath: string;
  readonly device: DeviceNumbers;
  /** GNU's own dialect, where the bytes of the prefix have other uses. */
  readonly gnu: boolean;
}

/** Whether a block is all zeros, as the two that end an archive are. */
export function isZeroBlock(block: Uint8Array): boolean {
  if (block[0] !== 0) return false;
  return block.every((byte) => byte === 0);
}

/**
 * Reads a header block of any dialect: v7, POSIX ustar, star, GNU.
 *
 * @throws IntegrityError `archive-invalid` for a wrong checksum or a field that is no number.
 */
export function parseTarBlock(block: Uint8Array): TarBlock {
  checkSum(block);
  const name = fieldText(block, 0, 100);
  const magic = String.fromCharCode(...block.subarray(257, 263));
  const posix = magic === "ustar\0";
  const prefix = posix ? fieldText(block, 345, prefixWidth(block)) : "";
  const path = prefix === "" ? name : `${prefix}/${name}`;
  const field = (title: string, offset: number, width: number): number => {
    const value = parseTarNumber(block, offset, width);
    if (value !== undefined && (value >= 0 || title === "mtime")) return value;
    throw archiveInvalid(path, `its ${title} is no number that fits`);
  };
  const isDevice = block[156] === 0x33 || block[156] === 0x34;
  return {
    path,
    typeFlag: String.fromCharCode(block[156] || 0x30),
    size: field("size", 124, 12),
    mode: field("mode", 100, 8),
    uid: field("uid", 108, 8),
    gid: field("gid", 116, 8),
    mtime: field("mtime", 136, 12),
    linkPath: fieldText(block, 157, 100),
    device: isDevice
      ? { major: field("major", 329, 8), minor: field("minor", 337, 8) }
      : { major: 0, minor: 0 },
    gnu: magic === "ustar ",
  };
}

/** star keeps times in the end of the prefix and signs with `tar\0`. */
function prefixWidth(block: Uint8Array): number {
  const star = block[508] === 0x74 && block[509] === 0x61 &&
    block[510] === 0x72 && block[511] === 0;
  return star ? 131 : 155;
}

/** The sum of all bytes, its own field as blanks; some old writers summed signed bytes. */
function checkSum(block: Uint8Array): void {
  let unsigned = 8 * 0x20;
  let high = 0;
  for (let at = 0; at < TAR_BLOCK_BYTES; at++) {
    if (at === 148) at = 156;
    const byte = block[at] ?? 0;
    unsigned += byte;
    high += byte >> 7;
  }
  const expected = parseTarNumber(block, 148, 8);
  if (expected === unsigned || expected === unsigned - high * 256) return;
  const name = new TextDecoder().decode(block.subarray(0, 100));
  throw archiveInvalid(
    name.replace(/\0.*$/s, ""),
    "the checksum of its header is wrong",
  );
}

function fieldText(block: Uint8Array, offset: number, width: number): string {
  const end = block.indexOf(0, offset);
  return decodeTarText(
    block.subarray(
      offset,
      end < 0 || end > offset + width ? offset + width : end,
    ),
  );
}
