import { IntegrityError } from "../errors.ts";
import { syncDir } from "../io/atomic_file.ts";
import { HashWorker } from "../io/hash_worker.ts";
import { MAX_WHOLE, WHOLE_BYTES, WholeHashes } from "../io/whole_hasher.ts";
import { removeIfThere } from "../io/open_regular_file.ts";
import { loadNodeModule } from "../io/node_module.ts";
import type { Descriptor } from "../spec/descriptor.ts";
import type { Digest } from "../spec/digest.ts";
import { hasBlobFile } from "./blob_files.ts";
import { FileIngest } from "./file_ingest.ts";
import type { Ingest } from "./ingest.ts";
import { blobDir, blobPath, partialPath } from "./layout.ts";
import { openPartial } from "./partial_file.ts";

/** How the opening of an ingest waits. */
export interface OpenIngestOptions {
  /** Ends the wait; its reason is thrown. */
  readonly signal?: AbortSignal | undefined;
  /** Called once, when another process or caller writes this blob and is waited for. */
  readonly onWait?: (() => void) | undefined;
}

/**
 * Deno tells by an error that nothing is there, which takes 60 µs to come up, and here it is so for
 * nearly every blob. Node's call takes 2, and what is beyond a small download has loaded it already.
 */
function isSomethingAt(path: string): boolean {
  return loadNodeModule("node:fs").existsSync(path);
}

/** The blobs of a store: how they get in and out. */
export class FileBlobs implements AsyncDisposable {
  readonly #dir: string;
  readonly #sync: boolean;
  readonly #worker = new HashWorker();
  readonly #whole = new WholeHashes();
  /** Bytes and number of the blobs that were opened so far. */
  #openedBytes = 0;
  #opened = 0;
  /** Folders with names that are not yet safe from a power loss. */
  readonly #unsynced = new Set<string>();
  #syncing: Promise<void> = Promise.resolve();

  constructor(dir: string, { sync }: { readonly sync: boolean }) {
    this.#dir = dir;
    this.#sync = sync;
  }

  /** See `Store.openIngest`. */
  async openIngest(
    { digest, size }: Pick<Descriptor, "digest" | "size">,
    options: OpenIngestOptions = {},
  ): Promise<Ingest | undefined> {
    this.#openedBytes += size;
    this.#opened++;
    const hashesWhole = this.#openedBytes <= WHOLE_BYTES &&
      this.#opened <= MAX_WHOLE;
    const target = {
      digest,
      size,
      partialPath: partialPath(this.#dir, digest),
      blobPath: blobPath(this.#dir, digest),
      sync: this.#sync,
      onNamed: () => this.#noteName(digest),
      worker: this.#worker,
      whole: hashesWhole ? this.#whole : undefined,
    };
    const partial = await openPartial(target.partialPath, {
      ...options,
      isCommitted: () =>
        (hashesWhole || isSomethingAt(target.blobPath)) &&
        hasBlobFile(this.#dir, { digest, size }),
    });
    if (partial === undefined) {
      // By somebody who may not have made its name safe yet.
      this.#noteName(digest);
      return undefined;
    }
    try {
      return new FileIngest(target, partial);
    } catch (error) {
      partial.file.close();
      throw error;
    }
  }

  /** See `Store.putBlob`. */
  async put(
    descriptor: Pick<Descriptor, "digest" | "size">,
    bytes: Uint8Array,
  ): Promise<void> {
    const { digest, size } = descriptor;
    if (bytes.length !== size) {
      throw new IntegrityError(
        "size-mismatch",
        `Cannot store blob "${digest}": there are ${bytes.length} bytes, not ${size}`,
        { details: { digest, expected: size, actual: bytes.length } },
      );
    }
    await using ingest = await this.openIngest(descriptor);
    if (ingest === undefined) return;
    // What an earlier run left is not worth reading back: the bytes are at hand.
    if (ingest.kept > 0) await ingest.reset();
    await ingest.writeAt(0, bytes);
    await ingest.commit();
  }

  /** See `Store.dropBlob`. */
  drop(digest: Digest): void {
    removeIfThere(blobPath(this.#dir, digest));
    this.#noteName(digest);
  }

  /**
   * Makes the names of committed blobs safe from a power loss: once for many commits, since a
   * name matters only when the database is about to rely on it.
   */
  async syncNames(): Promise<void> {
    // Whoever comes meanwhile may rely on a name that is not safe before that has ended.
    const syncing = this.#syncing.then(() => this.#syncDirs());
    this.#syncing = syncing.catch(() => {});
    await syncing;
  }

  #noteName(digest: Digest): void {
    this.#unsynced.add(blobDir(this.#dir, digest));
  }

  async #syncDirs(): Promise<void> {
    const dirs = [...this.#unsynced];
    this.#unsynced.clear();
    if (!this.#sync) return;
    try {
      await Promise.all(dirs.map(syncDir));
    } catch (error) {
      for (const dir of dirs) this.#unsynced.add(dir);
      throw error;
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#worker[Symbol.dispose]();
    await this.syncNames();
  }
}
