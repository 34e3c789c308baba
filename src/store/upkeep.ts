import { type FileLock, type LockOptions, openLock } from "../io/file_lock.ts";
import { guardLocal } from "../io/local_error.ts";
import {
  findEntry,
  isSameFile,
  openRegularFile,
  removeIfThere,
} from "../io/open_regular_file.ts";
import type { Digest } from "../spec/digest.ts";
import type { Database } from "./database.ts";
import { showsDatabase } from "./index_json.ts";
import {
  blobPath,
  layerFolderName,
  layersDir,
  lockPath,
  partialPath,
  type StorePaths,
  storePaths,
} from "./layout.ts";
import { noteLayoutChange } from "./layout_state.ts";
import { type BlobFile, findBlobFile, listBlobNames } from "./list_blobs.ts";
import { type Leftover, listLeftovers } from "./list_leftovers.ts";
import {
  deleteUnneededRows,
  type NeededBlob,
  selectNeededBlobs,
  selectNeededDigests,
  selectUsers,
} from "./needed_blobs.ts";

import {
  deleteUnpackedLayer,
  selectUnpackedLayers,
} from "./unpacked_layer_table.ts";
import { checkValues } from "./value_check.ts";

/** What `prune`, `verify` and `diskUsage` do to a store; a program hardly needs it directly. */
export class StoreUpkeep {
  readonly #paths: StorePaths;
  readonly #database: Database;
  readonly #writeIndexJson: () => Promise<void>;

  /** Made by the store. */
  constructor(
    dir: string,
    database: Database,
    writeIndexJson: () => Promise<void>,
  ) {
    this.#paths = storePaths(dir);
    this.#database = database;
    this.#writeIndexJson = writeIndexJson;
  }

  /** Keeps everybody out who relies on what is there, see `Store.retain`. Waits for them. */
  lockContent(options: Omit<LockOptions, "shared"> = {}): Promise<FileLock> {
    return openLock(lockPath(this.#paths.dir, "content"), options);
  }

  /** One repair at a time. */
  lockRepair(options: Omit<LockOptions, "shared"> = {}): Promise<FileLock> {
    return openLock(lockPath(this.#paths.dir, "repair"), options);
  }

  /**
   * Makes sure that the database still says what was written into it: all of it, or what tells
   * which blobs are needed, in half the time.
   *
   * @throws LocalError `store-damaged`
   */
  checkDatabase({ whole }: { readonly whole: boolean }): void {
    this.#database.check();
    if (!whole) return;
    this.#database.checkLinks();
    checkValues(this.#database);
  }

  /** All digests that have a name among the blobs, whatever stands there. */
  blobNames(): Iterable<Digest> {
    return listBlobNames(this.#paths.dir);
  }

  /** What stands at a blob's place; undefined for nothing. */
  findBlobFile(digest: Digest): BlobFile | undefined {
    return findBlobFile(blobPath(this.#paths.dir, digest));
  }

  /** What references need, or one of them. */
  neededBlobs(reference?: string): ReadonlyMap<Digest, NeededBlob> {
    return selectNeededBlobs(this.#database, reference);
  }

  /** The digests of what any reference needs. */
  neededDigests(): ReadonlySet<string> {
    return selectNeededDigests(this.#database);
  }

  /** The references whose repository has a blob. */
  usersOf(digest: Digest): readonly string[] {
    return selectUsers(this.#database, digest);
  }

  /** Files that crashes left, besides partials. */
  leftovers(): readonly Leftover[] {
    return listLeftovers(this.#paths);
  }

  /**
   * Forgets all rows that no reference needs, and has index.json name no more than the database:
   * only then may files go. The caller holds {@linkcode lockContent}.
   *
   * @returns how many rows there were.
   */
  async forgetUnneeded(): Promise<number> {
    const rows = deleteUnneededRows(this.#database);
    // A reference may be forgotten by a process whose file is still to come; and a power loss may
    // have taken from the database what the file shows.
    if (showsDatabase(this.#database, this.#paths)) {
      await this.#writeIndexJson();
    } else await this.rewriteIndexJson();
    // Without it a power loss could bring a forgotten reference back, and its blobs are gone.
    this.#database.execute("PRAGMA wal_checkpoint(PASSIVE)");
    return rows;
  }

  /** Forgets the unpacked layers whose folders are no more. */
  forgetUnpacked(): void {
    const dir = layersDir(this.#paths.dir);
    for (const { digest, form } of selectUnpackedLayers(this.#database)) {
      if (findEntry(`${dir}/${layerFolderName(digest, form)}`) !== undefined) {
        continue;
      }
      deleteUnpackedLayer(this.#database, digest, form);
    }
  }

  /** Removes a partial with its log, unless somebody writes it. Says whether it is gone. */
  removePartial(digest: Digest): boolean {
    const path = partialPath(this.#paths.dir, digest);
    using file = openRegularFile(path, { write: true });
    if (file === undefined) return true;
    return guardLocal("remove", path, () => {
      if (!file.tryLockSync(true)) return false;
      // Whoever had it may have committed it and another begun anew.
      const named = Deno.lstatSync(path);
      if (!isSameFile(named, file.statSync())) return false;
      // Emptied first, since without its log every byte of it would count; and removed last, since
      // whoever begins anew makes a log of the same name.
      file.truncateSync(0);
      removeIfThere(`${path}.ranges`);
      removeIfThere(path);
      return true;
    });
  }

  /** Writes index.json anew, whatever is there. */
  async rewriteIndexJson(): Promise<void> {
    this.#database.transaction(() => noteLayoutChange(this.#database));
    await this.#writeIndexJson();
  }
}
