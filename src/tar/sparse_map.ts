import { archiveInvalid } from "./archive_invalid.ts";
import { parseTarNumber } from "./parse_tar_number.ts";

/** A piece of a sparse file that is in the archive; all between the pieces are holes. */
export interface SparsePiece {
  readonly offset: number;
  readonly length: number;
}

/** A map of more pieces is refused. */
export const MAX_SPARSE_PIECES = 100_000;

/** A numbered list of offset and length, as GNU tar writes it in 0.0, 0.1 and 1.0 alike. */
export function pairSparseNumbers(
  path: string,
  numbers: readonly number[],
): readonly SparsePiece[] {
  if (numbers.length % 2 !== 0) {
    throw archiveInvalid(path, "its sparse map ends in the middle");
  }
  const pieces: SparsePiece[] = [];
  for (let at = 0; at < numbers.length; at += 2) {
    pieces.push({ offset: numbers[at] ?? 0, length: numbers[at + 1] ?? 0 });
  }
  return pieces;
}

/**
 * Checks that pieces ascend, stay within the file and are as long as what is stored.
 *
 * @throws IntegrityError `archive-invalid`
 */
export function checkSparseMap(
  path: string,
  pieces: readonly SparsePiece[],
  sizes: { readonly file: number; readonly stored: number },
): void {
  let end = 0;
  let stored = 0;
  for (const { offset, length } of pieces) {
    if (offset < end || offset + length > sizes.file) {
      throw archiveInvalid(
        path,
        "pieces of it overlap or lie beyond the file's end",
      );
    }
    end = offset + length;
    stored += length;
  }
  if (stored === sizes.stored) return;
  throw archiveInvalid(
    path,
    `its sparse map tells of ${stored} bytes where ${sizes.stored} are stored`,
  );
}

/** What a block of GNU's old sparse form says. */
export interface OldSparseBlock {
  readonly pieces: readonly SparsePiece[];
  /** Another block with more pieces follows. */
  readonly extended: boolean;
}

/**
 * Reads the pieces in a header block of type `S` (4 of them, at 386), or in a block that
 * follows it (21, at 0).
 */
export function parseOldSparse(
  path: string,
  block: Uint8Array,
  kind: "header" | "extension",
): OldSparseBlock {
  const [start, count, flag] = kind === "header" ? [386, 4, 482] : [0, 21, 504];
  const pieces: SparsePiece[] = [];
  for (let index = 0; index < count; index++) {
    const at = start + index * 24;
    if (block[at] === 0) break;
    const offset = parseTarNumber(block, at, 12);
    const length = parseTarNumber(block, at + 12, 12);
    if (
      offset === undefined || length === undefined || offset < 0 || length < 0
    ) {
      throw archiveInvalid(path, "its sparse map has what is no number");
    }
    pieces.push({ offset, length });
  }
  return { pieces, extended: block[flag] !== 0 && block[flag] !== 0x30 };
}

/** The file's size with its holes, in a header block of type `S`. */
export function parseOldSparseSize(path: string, block: Uint8Array): number {
  const size = parseTarNumber(block, 483, 12);
  if (size !== undefined && size >= 0) return size;
  throw archiveInvalid(path, "its real size is no number that fits");
}

/** A decimal number of a sparse map. */
export function parseSparseNumber(path: string, text: string): number {
  const value = /^\d{1,16}$/.test(text) ? Number(text) : NaN;
  if (Number.isSafeInteger(value)) return value;
  throw archiveInvalid(path, "its sparse map has what is no number");
}
