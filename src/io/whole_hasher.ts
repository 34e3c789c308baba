import type { Digest, DigestAlgorithm } from "../spec/digest.ts";
import { digestBytes } from "./hash.ts";
import { guardLocal } from "./local_error.ts";

/** The first files up to this size together are hashed whole; beyond it, loading `node:crypto` pays. */
export const WHOLE_BYTES = 4 << 20;
/** Beyond so many files it pays, too: the way to the other thread and back takes 0.3 ms. */
export const MAX_WHOLE = 24;
/** Files that are in memory at a time. */
const MAX_AT_A_TIME = 2;

/** A small file that is hashed. */
export interface WholeHasherTarget {
  readonly path: string;
  readonly algorithm: DigestAlgorithm;
  readonly file: Pick<Deno.FsFile, "seekSync" | "readSync">;
}

/**
 * Hashes small files at their end, from memory, by Web Crypto: on another thread, and without
 * `node:crypto`, whose loading takes as long as hashing 30 MiB.
 */
export class WholeHashes {
  /** Memory of those that are done. */
  readonly #memory: Uint8Array<ArrayBuffer>[] = [];
  readonly #waiting: (() => void)[] = [];
  #running = 0;

  /** Hashes the first `size` bytes of a file, all of which are there. */
  async hash(
    { path, algorithm, file }: WholeHasherTarget,
    size: number,
  ): Promise<Digest> {
    await this.#turn();
    let memory = this.#memory.pop() ?? new Uint8Array();
    try {
      if (memory.length < size) memory = new Uint8Array(size);
      const bytes = memory.subarray(0, size);
      guardLocal("read", path, () => readWhole(file, bytes));
      return await digestBytes(algorithm, bytes);
    } finally {
      this.#memory.push(memory);
      this.#running -= 1;
      this.#waiting.shift()?.();
    }
  }

  async #turn(): Promise<void> {
    if (this.#running >= MAX_AT_A_TIME) {
      await new Promise<void>((resolve) => this.#waiting.push(resolve));
    }
    this.#running += 1;
  }
}

function readWhole(
  file: WholeHasherTarget["file"],
  bytes: Uint8Array,
): void {
  file.seekSync(0, Deno.SeekMode.Start);
  for (let filled = 0; filled < bytes.length;) {
    const read = file.readSync(bytes.subarray(filled));
    if (read === null) throw new Deno.errors.UnexpectedEof("file is short");
    filled += read;
  }
}

/** Hashes a small file: what comes in one piece at once, the rest at the end. */
export class WholeHasher {
  readonly #hashes: WholeHashes;
  readonly #target: WholeHasherTarget;
  readonly #size: number;
  #digest: Promise<Digest> | undefined;

  /** @param size Of the whole file, in bytes. */
  constructor(hashes: WholeHashes, target: WholeHasherTarget, size: number) {
    this.#hashes = hashes;
    this.#target = target;
    this.#size = size;
  }

  /** Offers bytes that were written at an offset. */
  update(_offset: number, bytes: Uint8Array): void {
    if (bytes.length !== this.#size || !isPlain(bytes)) return;
    // Web Crypto takes its copy at once, so the caller may go on with the memory.
    this.#digest = digestBytes(this.#target.algorithm, bytes);
    this.#digest.catch(() => {});
  }

  /** Nothing is hashed before the end. */
  advance(): void {}

  /** The digest of the whole file. */
  async finish(): Promise<Digest> {
    return await (this.#digest ?? this.#hashes.hash(this.#target, this.#size));
  }

  /** Waits for what is under way. */
  async stop(): Promise<void> {
    await this.#digest?.catch(() => {});
  }
}

/** Web Crypto takes no memory that threads share. */
function isPlain(bytes: Uint8Array): bytes is Uint8Array<ArrayBuffer> {
  return bytes.buffer instanceof ArrayBuffer;
}
