import {
  addRange,
  type ByteRange,
  contiguousPrefix,
  missingRanges,
  type RangeSet,
  rangesOutside,
  totalBytes,
} from "../io/byte_range.ts";
import type { HashWorker } from "../io/hash_worker.ts";
import { guardLocal, localCall } from "../io/local_error.ts";
import { removeIfThere } from "../io/open_regular_file.ts";
import { PositionalWriter } from "../io/positional_writer.ts";
import { PrefixHasher } from "../io/prefix_hasher.ts";
import { WholeHasher, type WholeHashes } from "../io/whole_hasher.ts";
import { WriteBack } from "../io/write_back.ts";
import { type Digest, digestAlgorithm } from "../spec/digest.ts";
import type { Ingest } from "./ingest.ts";
import { digestMismatch, incompleteBlob } from "./ingest_errors.ts";
import type { OpenPartial } from "./partial_file.ts";
import { RangeLog } from "./range_log.ts";
import { SpaceReserve } from "./space_reserve.ts";

/** From this size on the hash has a thread of its own; starting one takes 50 ms. */
const WORKER_BYTES = 64 << 20;

/** What a {@linkcode FileIngest} writes, and where to. */
export interface FileIngestTarget {
  readonly digest: Digest;
  readonly size: number;
  readonly partialPath: string;
  readonly blobPath: string;
  /** Whether a commit must survive a power loss. */
  readonly sync: boolean;
  /** Told when the blob has its name, which is not safe from a power loss yet. */
  readonly onNamed: () => void;
  /** Where there is one, it hashes the big blobs. */
  readonly worker?: HashWorker | undefined;
  /** Where there is one, it hashes the blob at its end, from memory. */
  readonly whole: WholeHashes | undefined;
}

/** An {@linkcode Ingest} into a partial file, which is locked while this is open. */
export class FileIngest implements Ingest {
  readonly size: number;
  readonly kept: number;
  readonly #target: FileIngestTarget;
  readonly #file: Deno.FsFile;
  readonly #log: RangeLog;
  readonly #writeBack: WriteBack;
  #writer: PositionalWriter;
  #hasher: PrefixHasher | WholeHasher;
  #space: SpaceReserve;
  #present: RangeSet;
  /** The write under way; the next waits for it, and so sees what it wrote. */
  #turn: Promise<void> = Promise.resolve();
  #isOpen = true;

  /** Goes on with a partial that is open and locked; owns it once this returns. */
  constructor(target: FileIngestTarget, { file, isNew }: OpenPartial) {
    const { partialPath, size, sync } = target;
    const logPath = `${partialPath}.ranges`;
    const { log, present } = isNew
      ? RangeLog.begin(logPath)
      : RangeLog.open(logPath, cutOff(file, partialPath, size));
    this.size = size;
    this.kept = totalBytes(present);
    this.#target = target;
    this.#file = file;
    this.#log = log;
    this.#present = present;
    this.#writeBack = new WriteBack(file, { enabled: sync });
    this.#writer = new PositionalWriter(file);
    this.#hasher = createHasher(target, file);
    this.#hasher.advance(contiguousPrefix(present));
    this.#space = this.#reserveSpace();
  }

  get path(): string {
    return this.#target.partialPath;
  }

  get prefixBytes(): number {
    return contiguousPrefix(this.#present);
  }

  get missing(): readonly ByteRange[] {
    return missingRanges(this.#present, this.size);
  }

  async writeAt(offset: number, bytes: Uint8Array): Promise<void> {
    const end = offset + bytes.length;
    if (!Number.isSafeInteger(offset) || offset < 0 || end > this.size) {
      throw new RangeError(
        `Cannot write ${bytes.length} bytes at ${offset} of a blob of ${this.size}`,
      );
    }
    await this.#inTurn(() => this.#write(offset, bytes));
  }

  async reset(): Promise<void> {
    await this.#inTurn(async () => {
      await this.#hasher.stop();
      await this.#space.close();
      const { partialPath } = this.#target;
      guardLocal("truncate", partialPath, () => this.#file.truncateSync(0));
      this.#log.clear();
      this.#present = [];
      this.#writer = new PositionalWriter(this.#file);
      this.#hasher = createHasher(this.#target, this.#file);
      this.#space = this.#reserveSpace();
    });
  }

  async commit(): Promise<void> {
    await this.#inTurn(() => {
      const present = totalBytes(this.#present);
      if (present !== this.size) {
        throw incompleteBlob(this.#target.digest, this.size, present);
      }
      this.#isOpen = false;
      return Promise.resolve();
    });
    try {
      await this.#admit(await this.#hasher.finish(this.size));
    } finally {
      await this.#close();
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (!this.#isOpen) return;
    this.#isOpen = false;
    await this.#turn;
    await this.#close();
  }

  async #admit(actual: Digest): Promise<void> {
    const { digest, partialPath, blobPath, onNamed } = this.#target;
    if (actual !== digest) {
      this.#log.clear();
      removeIfThere(partialPath);
      throw digestMismatch(digest, actual);
    }
    await localCall("sync", partialPath, () => this.#writeBack.finish());
    // Before the rename: without a log every byte counts as there, which is so.
    this.#log.clear();
    guardLocal(
      "commit",
      blobPath,
      () => Deno.renameSync(partialPath, blobPath),
    );
    onNamed();
  }

  async #write(offset: number, bytes: Uint8Array): Promise<void> {
    const end = offset + bytes.length;
    // A byte that is there stays as it is: it may be hashed already.
    for (const range of rangesOutside(this.#present, { start: offset, end })) {
      await this.#writeRange(
        range,
        bytes.subarray(range.start - offset, range.end - offset),
      );
    }
  }

  async #writeRange(range: ByteRange, bytes: Uint8Array): Promise<void> {
    this.#space.check();
    this.#log.prepare(range.start, this.#present);
    await localCall(
      "write",
      this.#target.partialPath,
      () => this.#writer.writeAt(range.start, bytes),
    );
    this.#present = addRange(this.#present, range);
    this.#log.note(range);
    this.#writeBack.wrote(bytes.length);
    this.#hasher.update(range.start, bytes);
    this.#hasher.advance(contiguousPrefix(this.#present));
  }

  async #close(): Promise<void> {
    try {
      this.#log.flush();
    } finally {
      this.#log[Symbol.dispose]();
      await this.#hasher.stop();
      await this.#writeBack.stop();
      await this.#space.close();
      // Last: closing it gives the lock to whoever waits.
      this.#file.close();
    }
  }

  #reserveSpace(): SpaceReserve {
    const { partialPath: path } = this.#target;
    const missing = () => this.missing;
    return new SpaceReserve({ path, file: this.#file, missing });
  }

  #inTurn(work: () => Promise<void>): Promise<void> {
    const done = this.#turn.then(() => {
      if (!this.#isOpen) throw new TypeError("The ingest is closed");
      return work();
    });
    this.#turn = done.catch(() => {});
    return done;
  }
}

function createHasher(
  { digest, partialPath: path, size, worker, whole }: FileIngestTarget,
  file: Deno.FsFile,
): PrefixHasher | WholeHasher {
  const algorithm = digestAlgorithm(digest);
  return whole !== undefined
    ? new WholeHasher(whole, { path, algorithm, file }, size)
    : new PrefixHasher(
      path,
      algorithm,
      size >= WORKER_BYTES ? worker : undefined,
    );
}

/** The length of a partial, once what is past the blob's size is cut off. */
function cutOff(file: Deno.FsFile, path: string, size: number): number {
  const length = file.statSync().size;
  if (length <= size) return length;
  guardLocal("truncate", path, () => file.truncateSync(size));
  return size;
}
