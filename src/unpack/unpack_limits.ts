import { IntegrityError } from "../errors.ts";
import { quoteText } from "../spec/escape_text.ts";
import type { ArchiveEntry } from "../tar/archive_entry.ts";

/** How much an image may make of itself. Past any of these is an error, and nothing is left. */
export interface UnpackLimits {
  /** Entries of all layers together, whiteouts too. Default 4 million. */
  readonly maxEntries: number;
  /** Uncompressed bytes of all layers together. Default 128 GiB. */
  readonly maxBytes: number;
  /**
   * Uncompressed bytes for each compressed one of a layer that is larger than `ratioFreeBytes`.
   * Default 250: zeros alone compress 1000 to 1, real layers up to 20.
   */
  readonly maxRatio: number;
  /** A layer of so many uncompressed bytes may well be nothing but zeros. Default 1 GiB. */
  readonly ratioFreeBytes: number;
  /** Size of a sparse file with its holes, and of all of them together. Default 64 GiB. */
  readonly maxSparseBytes: number;
  /** Bytes of one name in a path. Default 255, as Linux has it. */
  readonly maxNameBytes: number;
  /** Bytes of a whole path. Default 4096. */
  readonly maxPathBytes: number;
  /** Names in a path. Default 512. */
  readonly maxDepth: number;
  /**
   * Memory for the headers of entries where they are held (a look into an image, a flattened
   * export): some 400 bytes each, and their names, links and attributes. Default 1 GiB.
   */
  readonly maxHeldBytes: number;
}

const GIB = 1024 ** 3;

/** What counts where nothing else is said. */
export const DEFAULT_UNPACK_LIMITS: UnpackLimits = {
  maxEntries: 4_000_000,
  maxBytes: 128 * GIB,
  maxRatio: 250,
  ratioFreeBytes: GIB,
  maxSparseBytes: 64 * GIB,
  maxNameBytes: 255,
  maxPathBytes: 4096,
  maxDepth: 512,
  maxHeldBytes: GIB,
};

/** The limits of what unpacking makes on disk. */
export type DiskLimit = Exclude<keyof UnpackLimits, "maxHeldBytes">;

/** What users call these. */
export const LIMIT_NAMES: Readonly<Record<DiskLimit, string>> = {
  maxEntries: "entries",
  maxBytes: "bytes",
  maxRatio: "ratio",
  ratioFreeBytes: "ratio-free-bytes",
  maxSparseBytes: "sparse-bytes",
  maxNameBytes: "name-bytes",
  maxPathBytes: "path-bytes",
  maxDepth: "depth",
};

/** How much was made, as far as limits count it. */
export interface UnpackCounts {
  readonly entries: number;
  /** Uncompressed. */
  readonly bytes: number;
  readonly sparseBytes: number;
}

/** What a header takes besides its texts, about. */
const ENTRY_BYTES = 400;

/** Before anything was made. */
export const NO_COUNTS: UnpackCounts = { entries: 0, bytes: 0, sparseBytes: 0 };

/** Counts what an image makes, and fails as soon as it is too much. */
export class LimitGuard {
  readonly limits: UnpackLimits;
  #entries = 0;
  #bytes = 0;
  #sparseBytes = 0;
  #heldBytes = 0;

  constructor(limits: Partial<UnpackLimits> = {}) {
    this.limits = { ...DEFAULT_UNPACK_LIMITS, ...limits };
  }

  /** What was counted so far. */
  get counts(): UnpackCounts {
    return {
      entries: this.#entries,
      bytes: this.#bytes,
      sparseBytes: this.#sparseBytes,
    };
  }

  /** @throws IntegrityError `limit-exceeded` */
  addEntry(): void {
    this.#addEntries(1);
  }

  /**
   * Adds what another has counted since.
   *
   * @throws IntegrityError `limit-exceeded`
   */
  add(counts: UnpackCounts, before: UnpackCounts): void {
    this.#addEntries(counts.entries - before.entries);
    this.#addBytes(counts.bytes - before.bytes);
    this.#addSparseBytes(counts.sparseBytes - before.sparseBytes);
  }

  /** @throws IntegrityError `limit-exceeded` */
  addSparse(path: string, bytes: number): void {
    this.#addSparseBytes(bytes, `, up to ${quoteText(path)},`);
  }

  /** Counts an entry whose header is held. @throws IntegrityError `limit-exceeded` */
  addHeld({ path, linkPath, xattrs }: ArchiveEntry): void {
    this.#heldBytes += ENTRY_BYTES + path.length + linkPath.length;
    for (const [name, value] of xattrs ?? []) {
      this.#heldBytes += name.length + value.length;
    }
    if (this.#heldBytes <= this.limits.maxHeldBytes) return;
    throw exceeded(
      "the headers of its entries take more bytes than",
      this.limits,
      "maxHeldBytes",
    );
  }

  /** Counts the bytes of one layer. */
  startLayer(compressedBytes: number): (bytes: number) => void {
    const { maxRatio, ratioFreeBytes } = this.limits;
    const allowed = Math.max(compressedBytes * maxRatio, ratioFreeBytes);
    let layerBytes = 0;
    return (bytes) => {
      layerBytes += bytes;
      this.#addBytes(bytes);
      if (layerBytes > allowed) {
        throw exceeded(
          `a layer of ${compressedBytes} bytes inflates to more than ${maxRatio} for each of them, and`,
          this.limits,
          "ratioFreeBytes",
        );
      }
    };
  }

  #addEntries(entries: number): void {
    this.#entries += entries;
    if (this.#entries <= this.limits.maxEntries) return;
    throw exceeded("there are more entries than", this.limits, "maxEntries");
  }

  #addBytes(bytes: number): void {
    this.#bytes += bytes;
    if (this.#bytes <= this.limits.maxBytes) return;
    throw exceeded("the layers have more bytes than", this.limits, "maxBytes");
  }

  #addSparseBytes(bytes: number, which: string = ""): void {
    this.#sparseBytes += bytes;
    if (this.#sparseBytes <= this.limits.maxSparseBytes) return;
    throw exceeded(
      `sparse files${which} have more bytes than`,
      this.limits,
      "maxSparseBytes",
    );
  }
}

/** The error for what is too much. */
export function exceeded(
  what: string,
  limits: Partial<UnpackLimits>,
  key: keyof UnpackLimits,
): IntegrityError {
  const limit = limits[key] ?? 0;
  const option = key === "maxHeldBytes"
    ? "library option limits"
    : `--limit ${LIMIT_NAMES[key]}=N`;
  return new IntegrityError(
    "limit-exceeded",
    `Cannot unpack the image: ${what} ${limit}`,
    {
      details: { limit },
      hint: `if you trust the image, raise the limit: ${option}`,
    },
  );
}
