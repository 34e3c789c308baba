import { LocalError } from "../errors.ts";
import { openLock } from "../io/file_lock.ts";
import { toLocalError } from "../io/local_error.ts";
import { formatPlatform } from "../spec/platform.ts";
import { lookAt } from "../unpack/look_at.ts";
import { findNativeCalls } from "../unpack/native_calls.ts";
import { openStaging } from "../unpack/staging.ts";
import { createUnpackTarget } from "../unpack/unpack_target.ts";
import { findImage } from "./find_image.ts";
import { finishUnpack } from "./finish_unpack.ts";
import {
  distinctLayers,
  type ImageLayer,
  loadImageLayers,
} from "./image_layers.ts";
import { layerFolderName } from "./layer_folder_name.ts";
import { LayerPipeline } from "./layer_pipeline.ts";
import type {
  UnpackedLayer,
  UnpackLayersOptions,
  UnpackResult,
  UnpackSource,
} from "./unpack_options.ts";

/**
 * Unpacks the layers of an image into the store's own `layers/`, one folder each, where images
 * share them. A folder is there only when it is whole, its diffID checked; one that is there is
 * not unpacked again. One process at a time does this; another waits and finds them.
 *
 * @param options `sync` is true by default. Whiteouts as overlayfs reads them have folders of
 * their own, `sha256-….overlay`.
 * @throws what `unpackLayers` throws.
 */
export async function unpackToStore(
  source: UnpackSource,
  options: UnpackLayersOptions,
): Promise<UnpackResult> {
  const { store, platform, signal, whiteouts = "oci" } = options;
  const image = findImage(store, source);
  const content = await loadImageLayers(store, image, platform);
  const dir = `${store.dir}/layers`;
  makeLayersDir(dir);
  await using _lock = await openLock(`${dir}/.lock`, { signal });
  const pathOf = ({ digest }: ImageLayer): string =>
    `${dir}/${layerFolderName(digest)}${
      whiteouts === "overlay" ? ".overlay" : ""
    }`;
  const done = new Map<string, UnpackedLayer>();
  let unset = 0;
  for (const layer of distinctLayers(content.layers)) {
    const path = pathOf(layer);
    const { digest, diffId } = layer;
    if (lookAt(path)?.isDirectory) {
      done.set(digest, { digest, diffId, path });
      continue;
    }
    const result = await unpackOne(layer, path, options);
    unset += result.unset;
    done.set(digest, { digest, diffId, path, bytes: result.bytes });
  }
  return {
    reference: image.reference,
    digest: image.digest,
    manifestDigest: content.manifestDigest,
    platform: formatPlatform(content.platform),
    dir,
    layers: content.layers.map((layer) =>
      done.get(layer.digest) ?? { ...layer, path: pathOf(layer) }
    ),
    unset,
  };
}

/** A link in its place would lead out of the store. */
function makeLayersDir(dir: string): void {
  guardStore(dir, () => {
    const info = lookAt(dir);
    if (info === undefined) return Deno.mkdirSync(dir, { mode: 0o700 });
    if (info.isDirectory) return;
    throw new LocalError(
      "store-damaged",
      `Cannot use "${dir}": it is no folder`,
      { hint: "remove it, or use another store (--store DIR)" },
    );
  });
}

function guardStore(dir: string, call: () => void): void {
  try {
    call();
  } catch (error) {
    throw toLocalError(error, "create", dir);
  }
}

async function unpackOne(
  layer: ImageLayer,
  path: string,
  options: UnpackLayersOptions,
): Promise<{ readonly bytes: number; readonly unset: number }> {
  const { sync = true, whiteouts = "oci" } = options;
  await using staging = await openStaging(path);
  using native = findNativeCalls();
  using pipeline = new LayerPipeline(options);
  const target = createUnpackTarget(staging.root, { whiteouts, native });
  target.tree.startLayer(whiteouts === "overlay");
  const [bytes = 0] = await pipeline.run([layer], () => target);
  target.tree.folders.finish(target.tree.root, 0);
  await finishUnpack(staging, {
    lines: [...target.log.lines()],
    sync,
    native,
    settle: (moved) => target.tree.folders.settle(moved),
  });
  return { bytes, unset: target.log.size };
}
