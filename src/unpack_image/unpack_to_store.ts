import { GrowingFile } from "../io/growing_file.ts";
import { layersDir } from "../store/layout.ts";
import { distinctLayers } from "../store/image_layers.ts";
import { type StoredLayerFolder, StoreUnpacker } from "./store_unpacker.ts";
import { runTogether } from "../io/run_together.ts";
import { loadSource } from "./load_source.ts";
import type {
  UnpackLayersOptions,
  UnpackResult,
  UnpackSource,
} from "./unpack_options.ts";

/**
 * Unpacks the layers of an image into the store's own `layers/`, one folder each, where images
 * share them. A folder is there only when it is whole, its diffID checked; one that is there is
 * not unpacked again. One process at a time works on a layer; another waits and finds it.
 *
 * @param options `sync` is true by default; limits are those of one layer. Whiteouts as
 * overlayfs reads them have folders of their own, `sha256-….overlay`.
 * @throws what `unpackLayers` throws.
 *
 * @example
 * ```ts ignore
 * await using store = await Store.open("/var/lib/images");
 * const { layers } = await unpackToStore("alpine:3.20", { store });
 * ```
 */
export async function unpackToStore(
  source: UnpackSource,
  options: UnpackLayersOptions,
): Promise<UnpackResult> {
  const { store, signal, onEvent } = options;
  const { layers, subject } = await loadSource(source, options);
  using unpacker = new StoreUnpacker(options);
  const distinct = distinctLayers(layers);
  const folders = await runTogether(
    distinct,
    (layer, signal) =>
      unpacker.unpackLayer(layer, GrowingFile.whole(layer.size), {
        onEvent,
        signal,
      }),
    { signal },
  );
  const folderOf = new Map(
    distinct.map(({ digest }, at) => [digest, folders[at]]),
  );
  return {
    ...subject,
    dir: layersDir(store.dir),
    layers: layers.map(({ digest, diffId }) => ({
      digest,
      diffId,
      ...describe(folderOf.get(digest)),
    })),
    unset: folders.reduce((sum, { unset }) => sum + unset, 0),
  };
}

function describe(folder: StoredLayerFolder | undefined): object {
  if (folder === undefined) return {};
  const { path, bytes } = folder;
  return { path, ...bytes === undefined ? {} : { bytes } };
}
