import { IntegrityError, NotFoundError } from "../errors.ts";
import type { EventListener } from "../events.ts";
import type { GrowingFile } from "../io/growing_file.ts";
import type { Digest } from "../spec/digest.ts";
import { layerFolderName, type LayerForm, layersDir } from "../store/layout.ts";
import type { Store } from "../store/store.ts";
import type { UnpackedLayerRecord } from "../store/unpacked_layer_table.ts";
import { lookAt } from "../unpack/look_at.ts";
import { openStaging } from "../unpack/staging.ts";
import type { UnpackLimits } from "../unpack/unpack_limits.ts";
import { finishUnpack } from "./finish_unpack.ts";
import type { ImageLayer } from "../store/image_layers.ts";
import {
  lockLayer,
  makeLayersFolder,
  removeUnrecorded,
} from "./layers_folder.ts";
import { readGrowing, type Settlement } from "./read_growing.ts";
import { UnpackCrew } from "./unpack_crew.ts";

/** How a {@linkcode StoreUnpacker} works. */
export interface StoreUnpackerOptions {
  /** Where the blobs are, and the folders go. */
  readonly store: Store;
  /** What becomes of whiteouts. Default `oci`: they stay `.wh.` files. */
  readonly whiteouts?: LayerForm | undefined;
  /** What one layer may make of itself. Default: generous ones. */
  readonly limits?: Partial<UnpackLimits> | undefined;
  /** Whether what is there afterwards survives a power loss. Default true. */
  readonly sync?: boolean | undefined;
  /** Threads at a time. Default: one a processor, 4 at most. */
  readonly maxThreads?: number | undefined;
}

/** For whom a layer is unpacked. */
export interface UnpackLayerOptions {
  /** Told of `unpack-start`, `unpack-progress` and `unpack-done`. */
  readonly onEvent?: EventListener | undefined;
  /** Stops it; nothing is left then. Its reason is thrown. */
  readonly signal?: AbortSignal | undefined;
}

/** A layer's own folder in the store. */
export interface StoredLayerFolder {
  /** Where it is. */
  readonly path: string;
  /** Uncompressed bytes; undefined where it was unpacked before. */
  readonly bytes?: number;
  /** Entries that are not on disk as the image has them. */
  readonly unset: number;
}

/**
 * Unpacks layers into the store's own `layers/`, one folder each, where images share them, and
 * several at a time. A folder is there only when it is whole, its diffID checked, and one that
 * is there is not unpacked again. One process at a time works on a layer; another waits, and
 * takes over if it dies. To be given to `pull` (option `unpack`), which has layers unpacked
 * while they come; disposing ends its threads.
 */
export class StoreUnpacker implements Disposable {
  readonly #store: Store;
  readonly #form: LayerForm;
  readonly #limits: Partial<UnpackLimits>;
  readonly #sync: boolean;
  readonly #crew: UnpackCrew;

  /** Starts nothing yet. */
  constructor(options: StoreUnpackerOptions) {
    const { store, whiteouts = "oci", limits = {}, sync = true } = options;
    this.#store = store;
    this.#form = whiteouts;
    this.#limits = limits;
    this.#sync = sync;
    this.#crew = new UnpackCrew(options);
  }

  /**
   * Unpacks a layer, unless it is there.
   *
   * @param file The blob, which may still be on its way.
   * @throws IntegrityError `digest-mismatch`, `archive-invalid`, `path-unsafe`,
   * `limit-exceeded`, `compression-invalid`, `compression-unsupported`
   * @throws LocalError `disk-full`, `permission-denied`, `io`
   */
  async unpackLayer(
    layer: ImageLayer,
    file: GrowingFile,
    { onEvent = () => {}, signal = NEVER }: UnpackLayerOptions = {},
  ): Promise<StoredLayerFolder> {
    const dir = layersDir(this.#store.dir);
    const path = this.#store.unpacked.path(layer.digest, this.#form);
    // Before the lock: somebody may still be at its download.
    const known = this.#find(layer, path);
    if (known !== undefined) return known;
    makeLayersFolder(dir);
    const name = layerFolderName(layer.digest, this.#form);
    await using _ours = await lockLayer(this.#store.dir, name, { signal });
    const found = this.#find(layer, path);
    if (found !== undefined) return found;
    removeUnrecorded(dir, name);
    const record = await readGrowing(
      file,
      (settled) =>
        this.#unpack(layer, file, { path, signal, onEvent, settled }),
      {
        signal,
        onBegun: () => onEvent({ event: "unpack-start", digest: layer.digest }),
      },
    );
    this.#store.unpacked.record(record);
    onEvent({ event: "unpack-done", digest: layer.digest });
    return { path, bytes: record.bytes, unset: record.unset };
  }

  /** Ends its threads; nothing may be under way. */
  [Symbol.dispose](): void {
    this.#crew[Symbol.dispose]();
  }

  /** @throws IntegrityError `digest-mismatch` where an image says something else of it. */
  #find(
    { digest, diffId }: ImageLayer,
    path: string,
  ): StoredLayerFolder | undefined {
    const record = this.#store.unpacked.find(digest, this.#form);
    if (record === undefined || lookAt(path)?.isDirectory !== true) {
      return undefined;
    }
    if (record.diffId === diffId) return { path, unset: record.unset };
    throw new IntegrityError(
      "digest-mismatch",
      `Cannot unpack layer "${digest}": its content has diffID "${record.diffId}", not "${diffId}"`,
      { details: { expected: diffId, actual: record.diffId } },
    );
  }

  async #unpack(
    layer: ImageLayer,
    file: GrowingFile,
    { path, signal, onEvent, settled }: Attempt,
  ): Promise<UnpackedLayerRecord> {
    const { digest, diffId, size } = layer;
    await using staging = await openStaging(path);
    const blobPath = this.#store.blobPath(digest);
    if (file.growth.isWhole && lookAt(blobPath) === undefined) {
      throw notInStore(digest);
    }
    const tree = await this.#crew.run(
      {
        layer: { digest, diffId, size },
        blobPath,
        root: staging.root,
        whiteouts: this.#form,
        limits: this.#limits,
      },
      file,
      {
        signal,
        onProgress: ({ read }) =>
          onEvent({ event: "unpack-progress", digest, read, size }),
      },
    );
    if (await settled() === "restarted") throw new Error("it starts again");
    await finishUnpack(staging, {
      lines: tree.lines,
      sync: this.#sync,
      native: this.#crew.native,
      settle: (moved) => tree.settle(moved),
    });
    const { bytes, lines: { length: unset } } = tree;
    return { digest, form: this.#form, diffId, bytes, unset };
  }
}

interface Attempt {
  readonly path: string;
  readonly signal: AbortSignal;
  readonly onEvent: EventListener;
  /** Whether the bytes were right after all. */
  readonly settled: () => Promise<Settlement>;
}

const NEVER = new AbortController().signal;

function notInStore(digest: Digest): NotFoundError {
  return new NotFoundError(
    "not-in-store",
    `Cannot unpack layer "${digest}": it is not in the store`,
    { hint: "it may be one that its registry doesn't distribute" },
  );
}
