import { archiveInvalid } from "./archive_invalid.ts";
import {
  checkGlobalRecords,
  type ExtendedHeader,
  type PaxSparse,
  readExtendedHeader,
} from "./extended_header.ts";
import { type MergedEntry, mergeHeaders } from "./merge_headers.ts";
import { parsePax, type PaxRecords } from "./parse_pax.ts";
import type { TarBlock } from "./parse_tar_block.ts";
import { decodeTarText } from "./tar_text.ts";

/** An entry with all its headers merged. */
export interface CompleteEntry extends MergedEntry {
  readonly sparse?: PaxSparse | undefined;
}

const METADATA_TYPES = "xgLK";
const NO_RECORDS: PaxRecords = [];
const MAX_GLOBAL_BYTES = 16 * 1024;

/** Gathers the headers that stand before an entry and say more of it. */
export class MetadataHeaders {
  readonly #maxBytes: number;
  #global: PaxRecords = NO_RECORDS;
  #globalHeader: ExtendedHeader = {};
  #local: PaxRecords | undefined;
  #longName: string | undefined;
  #longLink: string | undefined;

  constructor(maxBytes: number) {
    this.#maxBytes = maxBytes;
  }

  /** Whether there are headers whose entry has not come. */
  get pending(): boolean {
    return this.#local !== undefined || this.#longName !== undefined ||
      this.#longLink !== undefined;
  }

  /** Whether a block is of such a header, and not of an entry. */
  isMetadata({ typeFlag }: TarBlock): boolean {
    return METADATA_TYPES.includes(typeFlag);
  }

  /** The size of a header's content. @throws IntegrityError `archive-invalid` past the limit. */
  checkSize({ path, size }: TarBlock): number {
    if (size <= this.#maxBytes) return size;
    throw archiveInvalid(
      path,
      `its extended header has ${size} bytes, ${this.#maxBytes} are allowed`,
    );
  }

  /** Takes a header's content, padding included. */
  add({ typeFlag, size }: TarBlock, padded: Uint8Array): void {
    const content = padded.subarray(0, size);
    switch (typeFlag) {
      case "g": {
        const records = parsePax(content);
        checkGlobalRecords(records);
        this.#addGlobal(records);
        return;
      }
      case "x":
        this.#refuseTwice(this.#local);
        this.#local = parsePax(content);
        return;
      case "L":
        this.#refuseTwice(this.#longName);
        this.#longName = longText(content);
        return;
      case "K":
        this.#refuseTwice(this.#longLink);
        this.#longLink = longText(content);
    }
  }

  /** The entry that the headers so far and this block make; the next one starts anew. */
  complete(block: TarBlock): CompleteEntry {
    const extended = this.#local === undefined
      ? this.#globalHeader
      : readExtendedHeader(this.#global, this.#local);
    const merged = mergeHeaders({
      block,
      extended,
      longName: this.#longName,
      longLink: this.#longLink,
    });
    this.#local = this.#longName = this.#longLink = undefined;
    return { ...merged, sparse: extended.sparse };
  }

  #refuseTwice(earlier: unknown): void {
    if (earlier === undefined) return;
    throw archiveInvalid("extended header", "it stands twice before an entry");
  }

  /** What all entries carry is read once for each of them, so it must be small. */
  #addGlobal(records: PaxRecords): void {
    const merged = new Map([...this.#global, ...records]);
    let bytes = 0;
    for (const [key, value] of merged) bytes += key.length + value.length;
    if (bytes > MAX_GLOBAL_BYTES) {
      throw archiveInvalid(
        "global header",
        `it has more than ${MAX_GLOBAL_BYTES} bytes`,
      );
    }
    this.#global = [...merged];
    this.#globalHeader = readExtendedHeader(this.#global, NO_RECORDS);
  }
}

function longText(content: Uint8Array): string {
  const end = content.indexOf(0);
  return decodeTarText(end < 0 ? content : content.subarray(0, end));
}
