import type { Database } from "./database.ts";
import type { ImageRecord } from "./image_record.ts";
import {
  deleteImage,
  findImageRow,
  selectImages,
  touchImageRow,
} from "./image_table.ts";
import { writeIndexJson } from "./index_json.ts";
import type { StorePaths } from "./layout.ts";
import { noteLayoutChange } from "./layout_state.ts";
import { isUnwritable } from "./open_to_read.ts";
import type { StoredImage } from "./stored_image.ts";

/** What {@linkcode StoreImages} is made with. */
export interface StoreImagesOptions {
  readonly paths: StorePaths;
  readonly sync: boolean;
  readonly now: () => number;
  /** Whether the store may be one that can't be written. */
  readonly isToRead: boolean;
}

/** The references of a store: their rows, and index.json that shows them. */
export class StoreImages {
  readonly #database: Database;
  readonly #options: StoreImagesOptions;

  constructor(database: Database, options: StoreImagesOptions) {
    this.#database = database;
    this.#options = options;
  }

  /** See `Store.listImages`. */
  list(): readonly StoredImage[] {
    return selectImages(this.#database);
  }

  /** See `Store.findImage`. */
  find(reference: string): StoredImage | undefined {
    return findImageRow(this.#database, reference);
  }

  /**
   * See `Store.recordImage`.
   *
   * @param syncNames makes the names of the committed blobs safe, which the rows rely on.
   */
  async record(
    record: ImageRecord,
    syncNames: () => Promise<void>,
  ): Promise<void> {
    const { recordImageRows, requireBlobs } = await loadRecorder();
    requireBlobs(this.#options.paths.dir, record);
    await syncNames();
    const pulledAt = this.timestamp(record.pulledAtMs);
    recordImageRows(this.#database, record, pulledAt);
    await this.writeIndexJson();
  }

  /** Loads what records an image, ahead of the first. */
  warmUp(): void {
    // Whoever records is told of a failure.
    loadRecorder().catch(() => {});
  }

  /** See `Store.touchImage`. */
  touch(reference: string): boolean {
    try {
      return touchImageRow(this.#database, reference, this.timestamp());
    } catch (error) {
      if (!this.#options.isToRead || !isUnwritable(error)) throw error;
      return this.find(reference) !== undefined;
    }
  }

  /** See `Store.removeImage`. */
  async remove(reference: string): Promise<boolean> {
    const removed = this.#database.transaction(() => {
      const deleted = deleteImage(this.#database, reference);
      if (deleted) noteLayoutChange(this.#database);
      return deleted;
    });
    if (removed) await this.writeIndexJson();
    return removed;
  }

  /** Has index.json show the rows. */
  writeIndexJson(): Promise<void> {
    return writeIndexJson(this.#database, this.#options.paths, this.#options);
  }

  /** A moment as rows have it; now, if none is given. */
  timestamp(ms: number = this.#options.now()): string {
    return new Date(ms).toISOString();
  }
}

/** What a pull that finds all here needs none of. */
function loadRecorder(): Promise<typeof import("./record_image.ts")> {
  return import("./record_image.ts");
}
