import {
  type FileLock,
  type LockOptions,
  openLock,
  openSharedLock,
} from "../io/file_lock.ts";
import { loadHash } from "../io/hash.ts";
import type { Descriptor } from "../spec/descriptor.ts";
import type { Digest } from "../spec/digest.ts";
import type { BlobKey } from "./blob_files.ts";
import type { Database } from "./database.ts";
import type { OpenIngestOptions } from "./file_blobs.ts";
import type { ImageRecord } from "./image_record.ts";
import type { Ingest } from "./ingest.ts";
import { selectLayers } from "./layer_table.ts";
import {
  blobPath,
  isStoreAt,
  lockPath,
  partialPath,
  type StorePaths,
  storePaths,
} from "./layout.ts";
import { readKeptBytes } from "./list_partials.ts";
import { mendIndexJson, openDatabase } from "./open_database.ts";
import { openDatabaseToRead } from "./open_to_read.ts";
import type { StoredImage, StoredLayer } from "./stored_image.ts";
import { StoreBlobs } from "./store_blobs.ts";
import { StoreCatalog } from "./store_catalog.ts";
import { StoreImages } from "./store_images.ts";
import { StoreSpace } from "./store_space.ts";
import { UnpackedLayers } from "./unpacked_layers.ts";
import { StoreUpkeep } from "./upkeep.ts";

/** How {@linkcode Store.open} opens. */
export interface StoreOptions {
  /**
   * Default true: what was committed or recorded survives a power loss. False is faster, for
   * a store that may be lost.
   */
  readonly sync?: boolean;
  /** The clock, in milliseconds. Default `Date.now`. */
  readonly now?: () => number;
  /** Ends the opening, which may wait for others, and takes long where a database got lost. */
  readonly signal?: AbortSignal | undefined;
}

/**
 * A local store: an OCI image layout of verified blobs, with a database about them. Any number
 * of processes may use one at the same time.
 *
 * @example What is in a store
 * ```ts
 * import { Store } from "@dray/dray";
 *
 * await using store = await Store.open(await Deno.makeTempDir());
 * for (const { reference, digest } of store.listImages()) {
 *   console.log(reference, digest);
 * }
 * ```
 */
export class Store implements AsyncDisposable {
  /** The store's folder. */
  readonly dir: string;
  /** What verifying and pruning are made of. */
  readonly upkeep: StoreUpkeep;
  /** What is there, by repository. */
  readonly catalog: StoreCatalog;
  /** What it takes of the disk, and what is left there. */
  readonly space: StoreSpace;
  /** Layers that are unpacked. */
  readonly unpacked: UnpackedLayers;
  readonly #paths: StorePaths;
  readonly #database: Database;
  readonly #blobs: StoreBlobs;
  readonly #images: StoreImages;
  readonly #isToRead: boolean;

  private constructor(
    paths: StorePaths,
    database: Database,
    options: SettledOptions & { readonly isToRead: boolean },
  ) {
    this.dir = paths.dir;
    this.#paths = paths;
    this.#database = database;
    this.#isToRead = options.isToRead;
    this.#blobs = new StoreBlobs(paths.dir, options);
    this.#images = new StoreImages(database, { ...options, paths });
    this.catalog = new StoreCatalog(database);
    this.space = new StoreSpace(paths, database);
    this.unpacked = new UnpackedLayers(
      paths.dir,
      database,
      () => this.#images.timestamp(),
    );
    this.upkeep = new StoreUpkeep(
      paths.dir,
      database,
      () => this.#images.writeIndexJson(),
    );
  }

  /**
   * Opens the store in a folder, creating and migrating it where needed.
   *
   * @throws LocalError `permission-denied`, `disk-full`, `store-too-new` or `store-damaged`.
   */
  static async open(dir: string, options: StoreOptions = {}): Promise<Store> {
    const paths = storePaths(dir);
    const filled = withDefaults(options);
    const { signal } = options;
    const database = await openDatabase(paths, { ...filled, signal });
    try {
      await mendIndexJson(database, paths, { ...filled, signal });
      return new Store(paths, database, { ...filled, isToRead: false });
    } catch (error) {
      database[Symbol.dispose]();
      throw error;
    }
  }

  /**
   * Opens the store in a folder for looking at it. Nothing is made: a folder without a store is
   * an empty one. A store that can't be written, as on a read-only file system, is read as it is.
   *
   * @throws LocalError `permission-denied`, `store-too-new` or `store-damaged`.
   */
  static async openToRead(
    dir: string,
    options: StoreOptions = {},
  ): Promise<Store> {
    const paths = storePaths(dir);
    const filled = withDefaults(options);
    const { signal } = options;
    const database = await openDatabaseToRead(paths, { ...filled, signal });
    return new Store(paths, database, { ...filled, isToRead: true });
  }

  /** Whether there is a store in a folder, or what is left of one. */
  static isAt(dir: string): boolean {
    return isStoreAt(storePaths(dir));
  }

  /**
   * Puts a damaged database aside, which a lost one needs no help for: the next opening makes a
   * new one from the blobs and index.json. Waits until nobody uses the store's content.
   *
   * @returns where it was moved; undefined where it is sound, or there is none.
   * @throws LocalError `store-too-new`, or when the folder is not writable.
   */
  static async mend(
    dir: string,
    options: Omit<LockOptions, "shared"> = {},
  ): Promise<string | undefined> {
    const { mendDatabase } = await import("./mend_database.ts");
    return await mendDatabase(storePaths(dir), options);
  }

  /**
   * Keeps all blobs where they are, for as long as this is held: a prune, by this process or
   * another, waits. To be held from the look at what is there until the image is recorded.
   */
  retain(options: Omit<LockOptions, "shared"> = {}): Promise<FileLock> {
    const path = lockPath(this.dir, "content");
    return this.#isToRead
      ? openSharedLock(path, options)
      : openLock(path, { ...options, shared: true });
  }

  /** Whether a blob is committed, and so verified, with the size given if one is. */
  hasBlob(descriptor: BlobKey): Promise<boolean> {
    return Promise.resolve(this.#blobs.has(descriptor));
  }

  /** Which of some blobs are committed, with the size given if one is. */
  findBlobs(descriptors: readonly BlobKey[]): ReadonlySet<Digest> {
    return this.#blobs.find(descriptors);
  }

  /** A folder on the store's file system for files without a name. */
  get stagingDir(): string {
    return this.#paths.ingest;
  }

  /** Where a committed blob is. */
  blobPath(digest: Digest): string {
    return blobPath(this.dir, digest);
  }

  /** Where a blob is while it is on its way in. */
  partialPath(digest: Digest): string {
    return partialPath(this.dir, digest);
  }

  /**
   * A committed blob as a stream; to be read to the end or cancelled.
   *
   * @throws NotFoundError `not-in-store`
   */
  readBlob(digest: Digest): Promise<ReadableStream<Uint8Array<ArrayBuffer>>> {
    return this.#blobs.read(digest);
  }

  /**
   * A committed blob whole, its digest checked.
   *
   * @throws NotFoundError `not-in-store`
   * @throws IntegrityError `document-too-large`, `size-mismatch` or `digest-mismatch`
   */
  readBlobBytes(
    descriptor: BlobKey,
    options: { readonly maxBytes: number },
  ): Promise<Uint8Array<ArrayBuffer>> {
    return this.#blobs.readBytes(descriptor, options);
  }

  /**
   * Starts, or goes on with, the writing of a blob; waits while another writes it.
   *
   * @returns undefined when the blob is committed, by then or before.
   * @throws LocalError when the store is not writable.
   */
  openIngest(
    descriptor: Pick<Descriptor, "digest" | "size">,
    options: OpenIngestOptions = {},
  ): Promise<Ingest | undefined> {
    return this.#blobs.openIngest(descriptor, options);
  }

  /**
   * Puts a small blob, such as a document, into the store.
   *
   * @throws IntegrityError `size-mismatch` or `digest-mismatch`
   */
  putBlob(
    descriptor: Pick<Descriptor, "digest" | "size">,
    bytes: Uint8Array,
  ): Promise<void> {
    return this.#blobs.put(descriptor, bytes);
  }

  /** Takes out a blob that turned out to be damaged, so that a sound one can come in. */
  dropBlob(digest: Digest): Promise<void> {
    return this.#blobs.drop(digest);
  }

  /**
   * Records an image, all of whose blobs are committed: one transaction, then index.json. A
   * reference that is there already is moved, or gains platforms if its digest is the same.
   *
   * @throws LocalError `store-damaged` when a blob is not in the store.
   */
  recordImage(record: ImageRecord): Promise<void> {
    return this.#images.record(record, () => this.#blobs.syncNames());
  }

  /** All images, in the order of their references. */
  listImages(): readonly StoredImage[] {
    return this.#images.list();
  }

  /** The image of a canonical reference. */
  findImage(reference: string): StoredImage | undefined {
    return this.#images.find(reference);
  }

  /** The layers of a stored manifest, lowest first. */
  listLayers(manifestDigest: Digest): readonly StoredLayer[] {
    return selectLayers(this.#database, manifestDigest);
  }

  /**
   * How many bytes earlier runs left of some blobs; what is committed or not begun is left out.
   */
  keptBytes(
    blobs: readonly Pick<Descriptor, "digest" | "size">[],
  ): ReadonlyMap<Digest, number> {
    return readKeptBytes(this.#paths.ingest, blobs);
  }

  /**
   * Notes that an image was used now; not in a store that was opened to be read and can't be
   * written. Says whether it is there.
   */
  touchImage(reference: string): boolean {
    return this.#images.touch(reference);
  }

  /**
   * Forgets a reference; what only it needed stays until the store is pruned.
   *
   * @returns whether it was there.
   */
  removeImage(reference: string): Promise<boolean> {
    return this.#images.remove(reference);
  }

  /**
   * Loads what a download needs, of use while a registry is waited for.
   *
   * @param isLarge Whether also what a larger one needs, which takes 40 ms. Default: false.
   */
  warmUp({ isLarge = false }: { readonly isLarge?: boolean } = {}): void {
    this.#blobs.warmUp();
    this.#images.warmUp();
    if (!isLarge) return;
    loadHash();
    // Asked for nothing but to load what asks.
    void this.space.freeBytes();
  }

  /** Closes the store. What was committed or recorded stays; an open ingest is of no use any more. */
  async [Symbol.asyncDispose](): Promise<void> {
    try {
      await this.#blobs[Symbol.asyncDispose]();
    } finally {
      this.#database[Symbol.dispose]();
    }
  }
}

/** What holds for as long as a store is open. */
type SettledOptions = Required<Omit<StoreOptions, "signal">>;

function withDefaults(
  { sync = true, now = Date.now }: StoreOptions,
): SettledOptions {
  return { sync, now };
}
