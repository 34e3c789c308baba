import { findFreeBytes, hasRoomFor } from "../io/free_space.ts";
import type { Digest } from "../spec/digest.ts";
import type { Database } from "./database.ts";
import type { StorePaths } from "./layout.ts";
import { roomPath } from "./list_leftovers.ts";
import {
  listPartials,
  type PartialBlob,
  sumReserved,
} from "./list_partials.ts";
import { selectSharedBytes } from "./shared_bytes.ts";

/** What a store takes of its disk, and what is left there. */
export class StoreSpace {
  readonly #paths: StorePaths;
  readonly #database: Database;

  /** Made by the store. */
  constructor(paths: StorePaths, database: Database) {
    this.#paths = paths;
    this.#database = database;
  }

  /** Whether a few bytes certainly have room here; false where only `freeBytes` can tell. */
  hasRoomFor(bytes: number): boolean {
    return hasRoomFor(roomPath(this.#paths.ingest), bytes);
  }

  /** Bytes that may still be written here; undefined where that cannot be learnt. */
  freeBytes(): Promise<number | undefined> {
    return findFreeBytes(this.#paths.dir);
  }

  /** Bytes that are not free, since they are set aside for what partials of some blobs still lack. */
  reservedBytes(digests: ReadonlySet<Digest>): number {
    return sumReserved(this.#paths.ingest, digests);
  }

  /** Downloads that are not finished. */
  listPartials(): readonly PartialBlob[] {
    return listPartials(this.#paths.ingest);
  }

  /** Bytes of the blobs that more than one image needs. */
  sharedBytes(): number {
    return selectSharedBytes(this.#database);
  }
}
