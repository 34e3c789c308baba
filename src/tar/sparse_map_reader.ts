import { archiveInvalid } from "./archive_invalid.ts";
import {
  MAX_SPARSE_PIECES,
  pairSparseNumbers,
  type SparsePiece,
} from "./sparse_map.ts";

const NEWLINE = 0x0a;
const MAX_DIGITS = 15;

/**
 * Reads the map that stands before the content in GNU's PAX sparse form 1.0: the number of
 * pieces, then offset and length of each, one decimal number a line, filled up to a whole block.
 */
export class SparseMapReader {
  readonly #path: string;
  readonly #numbers: number[] = [];
  #value = 0;
  #digits = 0;

  constructor(path: string) {
    this.#path = path;
  }

  /**
   * Takes the next block.
   *
   * @returns the pieces once the map is whole.
   * @throws IntegrityError `archive-invalid`
   */
  add(block: Uint8Array): readonly SparsePiece[] | undefined {
    for (const byte of block) {
      if (byte === NEWLINE && this.#digits > 0) {
        this.#numbers.push(this.#value);
        this.#value = this.#digits = 0;
        if (this.#isWhole()) {
          return pairSparseNumbers(this.#path, this.#numbers.slice(1));
        }
      } else this.#takeDigit(byte - 0x30);
    }
    return undefined;
  }

  #takeDigit(digit: number): void {
    if (digit < 0 || digit > 9 || ++this.#digits > MAX_DIGITS) {
      throw archiveInvalid(this.#path, "its sparse map has what is no number");
    }
    this.#value = this.#value * 10 + digit;
  }

  #isWhole(): boolean {
    const count = this.#numbers[0] ?? 0;
    if (count > MAX_SPARSE_PIECES) {
      throw archiveInvalid(this.#path, `its sparse map has ${count} pieces`);
    }
    return this.#numbers.length === 1 + 2 * count;
  }
}
