import type { Digest } from "../spec/digest.ts";
import type { Database } from "./database.ts";
import { layerFolderName, type LayerForm, layersDir } from "./layout.ts";
import {
  findUnpackedLayer,
  type UnpackedLayerRecord,
  upsertUnpackedLayer,
} from "./unpacked_layer_table.ts";

/** The layers of a store that are unpacked, a folder each. */
export class UnpackedLayers {
  readonly #dir: string;
  readonly #database: Database;
  readonly #timestamp: () => string;

  /** Made by the store. */
  constructor(dir: string, database: Database, timestamp: () => string) {
    this.#dir = dir;
    this.#database = database;
    this.#timestamp = timestamp;
  }

  /** Where a layer is, or would be, once it is unpacked. */
  path(digest: Digest, form: LayerForm = "oci"): string {
    return `${layersDir(this.#dir)}/${layerFolderName(digest, form)}`;
  }

  /** What is recorded of a layer; its folder may have been removed since. */
  find(
    digest: Digest,
    form: LayerForm = "oci",
  ): UnpackedLayerRecord | undefined {
    return findUnpackedLayer(this.#database, digest, form);
  }

  /** Records a layer whose folder is there, whole. */
  record(record: UnpackedLayerRecord): void {
    upsertUnpackedLayer(this.#database, record, this.#timestamp());
  }
}
