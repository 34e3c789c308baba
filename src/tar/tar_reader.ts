import type { ArchiveEntry, ArchiveHandler } from "./archive_entry.ts";
import { archiveInvalid } from "./archive_invalid.ts";
import { BlockCollector } from "./block_collector.ts";
import { ContentFeed } from "./content_feed.ts";
import { MetadataHeaders } from "./metadata_headers.ts";
import {
  isZeroBlock,
  parseTarBlock,
  type TarBlock,
} from "./parse_tar_block.ts";
import {
  checkSparseMap,
  MAX_SPARSE_PIECES,
  pairSparseNumbers,
  parseOldSparse,
  parseOldSparseSize,
  type SparsePiece,
} from "./sparse_map.ts";
import { SparseMapReader } from "./sparse_map_reader.ts";
import { TAR_BLOCK_BYTES, tarPadding } from "./tar_header.ts";

/** How {@linkcode TarReader} reads. */
export interface TarReaderOptions {
  /** Largest extended header: names and attributes of one entry. Default 1 MiB. */
  readonly maxMetadataBytes?: number;
}

/** What the next whole blocks are. */
type Expecting =
  | { readonly kind: "header" }
  | { readonly kind: "metadata"; readonly block: TarBlock }
  | SparseExtension
  | {
    readonly kind: "sparse-map";
    readonly entry: ArchiveEntry;
    readonly map: SparseMapReader;
    readonly stored: number;
  }
  /** After the first block of zeros, and after the second. */
  | { readonly kind: "ending" | "ended" };

interface SparseExtension {
  readonly kind: "sparse-extension";
  readonly entry: ArchiveEntry;
  readonly pieces: SparsePiece[];
  readonly stored: number;
}

/**
 * Reads a tar archive as its bytes come, whatever their pieces: ustar, PAX, GNU long names,
 * base-256 numbers, sparse files (GNU old, PAX 0.0, 0.1, 1.0). Nothing is held but one extended
 * header. It is push driven and synchronous, which is what makes many small files fast.
 */
export class TarReader {
  readonly #handler: ArchiveHandler;
  readonly #blocks = new BlockCollector();
  readonly #content: ContentFeed;
  readonly #metadata: MetadataHeaders;
  #expecting: Expecting = { kind: "header" };

  constructor(handler: ArchiveHandler, options: TarReaderOptions = {}) {
    this.#handler = handler;
    this.#content = new ContentFeed(handler);
    this.#metadata = new MetadataHeaders(options.maxMetadataBytes ?? 1 << 20);
  }

  /**
   * Takes the next bytes; they may be reused once this returns.
   *
   * @throws IntegrityError `archive-invalid`, and what the handler throws.
   */
  write(chunk: Uint8Array): void {
    let at = 0;
    while (at < chunk.length) {
      if (this.#expecting.kind === "ended") return;
      if (this.#content.active) {
        at = this.#content.take(chunk, at);
        continue;
      }
      const block = this.#blocks.take(chunk, at);
      at = this.#blocks.position;
      if (block !== undefined) this.#onBlock(block);
    }
  }

  /** Whether the blocks that end an archive have come: what follows means nothing. */
  get isEnded(): boolean {
    return this.#expecting.kind === "ended";
  }

  /**
   * Passes over the content of an entry whose headers were written and no more, for who can seek.
   *
   * @returns how many bytes of the archive are not to be written.
   */
  skip(): number {
    return this.#content.skip();
  }

  /** Tells that no more bytes come. @throws IntegrityError `archive-invalid` when it is cut short. */
  close(): void {
    const { kind } = this.#expecting;
    if (kind === "ended") return;
    const whole = (kind === "header" || kind === "ending") &&
      !this.#content.active && !this.#blocks.partial &&
      !this.#metadata.pending;
    if (!whole) throw archiveInvalid("end", "the archive is cut short");
  }

  #onBlock(block: Uint8Array): void {
    const expecting = this.#expecting;
    switch (expecting.kind) {
      case "header":
        return this.#onHeader(block);
      case "metadata":
        this.#metadata.add(expecting.block, block);
        return this.#expectHeader();
      case "sparse-extension":
        return this.#onSparseExtension(expecting, block);
      case "sparse-map": {
        const pieces = expecting.map.add(block);
        const stored = expecting.stored - TAR_BLOCK_BYTES;
        if (stored < 0) {
          throw archiveInvalid(
            expecting.entry.path,
            "its sparse map is longer than its content",
          );
        }
        if (pieces === undefined) {
          this.#expecting = { ...expecting, stored };
          return;
        }
        return this.#startSparse(expecting.entry, pieces, stored);
      }
      case "ending":
        if (!isZeroBlock(block)) {
          throw archiveInvalid("end", "entries follow a block of zeros");
        }
        this.#expecting = { kind: "ended" };
        return;
      case "ended":
        return;
    }
  }

  #onHeader(block: Uint8Array): void {
    if (isZeroBlock(block)) {
      if (this.#metadata.pending) {
        throw archiveInvalid("end", "an extended header has no entry");
      }
      this.#expecting = { kind: "ending" };
      return;
    }
    const parsed = parseTarBlock(block);
    if (this.#metadata.isMetadata(parsed)) {
      const bytes = this.#metadata.checkSize(parsed);
      if (bytes === 0) return this.#metadata.add(parsed, new Uint8Array(0));
      this.#blocks.want(bytes + tarPadding(bytes));
      this.#expecting = { kind: "metadata", block: parsed };
      return;
    }
    const { entry, storedBytes, sparse } = this.#metadata.complete(parsed);
    if (parsed.typeFlag === "S") {
      this.#onOldSparse(entry, storedBytes, block);
    } else if (sparse === undefined) {
      this.#handler.entry(entry);
      this.#content.start(storedBytes);
    } else if (sparse.numbers !== undefined) {
      const pieces = pairSparseNumbers(entry.path, sparse.numbers);
      this.#startSparse(entry, pieces, storedBytes);
    } else {
      const map = new SparseMapReader(entry.path);
      this.#expecting = { kind: "sparse-map", entry, map, stored: storedBytes };
    }
  }

  #onOldSparse(merged: ArchiveEntry, stored: number, block: Uint8Array): void {
    const entry = { ...merged, size: parseOldSparseSize(merged.path, block) };
    const { pieces, extended } = parseOldSparse(entry.path, block, "header");
    if (!extended) return this.#startSparse(entry, pieces, stored);
    this.#expecting = {
      kind: "sparse-extension",
      entry,
      pieces: [...pieces],
      stored,
    };
  }

  #onSparseExtension(
    { entry, pieces, stored }: SparseExtension,
    block: Uint8Array,
  ): void {
    const more = parseOldSparse(entry.path, block, "extension");
    pieces.push(...more.pieces);
    if (pieces.length > MAX_SPARSE_PIECES) {
      throw archiveInvalid(entry.path, "its sparse map has no end");
    }
    if (!more.extended) this.#startSparse(entry, pieces, stored);
  }

  #startSparse(
    entry: ArchiveEntry,
    pieces: readonly SparsePiece[],
    stored: number,
  ): void {
    checkSparseMap(entry.path, pieces, { file: entry.size, stored });
    this.#expectHeader();
    this.#handler.entry(entry);
    this.#content.start(stored, pieces);
  }

  #expectHeader(): void {
    this.#expecting = { kind: "header" };
    this.#blocks.want(TAR_BLOCK_BYTES);
  }
}
