import { concatBytes } from "./concat_bytes.ts";
import {
  TAR_BLOCK_BYTES,
  type TarHeader,
  tarHeader,
  tarPadding,
} from "./tar_header.ts";

/** A whole entry, with its content in memory. */
export interface TarEntry extends Omit<TarHeader, "size"> {
  /** Text is written as UTF-8. Default: empty. */
  readonly content?: Uint8Array | string;
}

const encoder = new TextEncoder();

/** Two zero blocks that end an archive. */
export const TAR_END_BYTES = 2 * TAR_BLOCK_BYTES;

/**
 * Builds a whole archive in memory.
 *
 * @param entries In archive order.
 * @throws RangeError when an entry cannot be written as tar
 */
export function writeTar(entries: Iterable<TarEntry>): Uint8Array<ArrayBuffer> {
  const pieces: Uint8Array[] = [];
  for (const { content = "", ...header } of entries) {
    const bytes = typeof content === "string"
      ? encoder.encode(content)
      : content;
    pieces.push(tarHeader({ ...header, size: bytes.length }), bytes);
    pieces.push(new Uint8Array(tarPadding(bytes.length)));
  }
  pieces.push(new Uint8Array(TAR_END_BYTES));
  return concatBytes(pieces);
}
