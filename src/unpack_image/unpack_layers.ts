import { GrowingFile } from "../io/growing_file.ts";
import { layerFolderName } from "../store/layout.ts";
import { openStaging } from "../unpack/staging.ts";
import { LimitGuard, NO_COUNTS } from "../unpack/unpack_limits.ts";
import { finishUnpack } from "./finish_unpack.ts";
import { distinctLayers, type ImageLayer } from "../store/image_layers.ts";
import type { LayerProgress, UnpackedTree } from "./layer_job.ts";
import { tellDamage } from "./layer_failure.ts";
import { runTogether } from "../io/run_together.ts";
import { UnpackCrew } from "./unpack_crew.ts";
import { loadSource } from "./load_source.ts";
import type {
  UnpackLayersOptions,
  UnpackResult,
  UnpackSource,
} from "./unpack_options.ts";

/**
 * Unpacks an image of the store into one folder a layer, `DIR/sha256-…`, fit as lower folders of
 * an overlay mount; several at a time. There is nothing else in the folder. A layer that stands
 * twice in the image is there once.
 *
 * @param source A reference, or an image of the store.
 * @param dir Not there, or an empty folder.
 * @returns among the rest the layers' paths, lowest first.
 * @throws what `unpack` throws, and LocalError `permission-denied` where whiteouts of overlayfs
 * are asked for and can't be made.
 *
 * @example
 * ```ts ignore
 * await using store = await Store.open("/var/lib/images");
 * const { layers } = await unpackLayers("alpine:3.20", "layers", { store });
 * ```
 */
export async function unpackLayers(
  source: UnpackSource,
  dir: string,
  options: UnpackLayersOptions,
): Promise<UnpackResult> {
  const { sync = false } = options;
  const { layers, subject } = await loadSource(source, options);
  const distinct = distinctLayers(layers);
  await using staging = await openStaging(dir);
  using crew = new UnpackCrew({
    // A single layer is faster where decompressing has a thread of its own.
    maxThreads: distinct.length === 1 ? 1 : options.maxThreads,
  });
  const trees = await unpackAll(distinct, staging.root, crew, options);
  Deno.chmodSync(staging.root, 0o755);
  const lines = trees.flatMap((tree) => tree.lines);
  const metadataPath = await finishUnpack(staging, {
    lines,
    sync,
    native: crew.native,
    settle: async (path) => {
      await Promise.all(trees.map((tree, position) => {
        const layer = distinct[position];
        return layer && tree.settle(`${path}/${layerFolderName(layer.digest)}`);
      }));
    },
  });
  const bytesOf = new Map(
    distinct.map(({ digest }, position) => [digest, trees[position]?.bytes]),
  );
  return {
    ...subject,
    dir: staging.target,
    layers: layers.map(({ digest, diffId }) => ({
      digest,
      diffId,
      bytes: bytesOf.get(digest) ?? 0,
      path: `${staging.target}/${layerFolderName(digest)}`,
    })),
    unset: lines.length,
    ...metadataPath === undefined ? {} : { metadataPath },
  };
}

function unpackAll(
  layers: readonly ImageLayer[],
  root: string,
  crew: UnpackCrew,
  options: UnpackLayersOptions,
): Promise<readonly UnpackedTree[]> {
  const { store, limits = {}, whiteouts = "oci", onEvent, signal } = options;
  // Each thread counts for itself, and so sees no more than its own layer.
  const guard = new LimitGuard(limits);
  return runTogether(layers, async (layer, signal) => {
    const { digest, size } = layer;
    const folder = `${root}/${layerFolderName(digest)}`;
    Deno.mkdirSync(folder, { mode: 0o700 });
    onEvent?.({ event: "unpack-start", digest });
    const failed = new AbortController();
    const onProgress = countInto(guard, failed);
    const blobPath = store.blobPath(digest);
    const work = crew.run(
      { layer, blobPath, root: folder, whiteouts, limits },
      GrowingFile.whole(size),
      { signal: AbortSignal.any([signal, failed.signal]), onProgress },
    );
    const tree = await tellDamage(work, layer, store);
    failed.signal.throwIfAborted();
    onEvent?.({ event: "unpack-done", digest });
    return tree;
  }, { signal });
}

function countInto(
  guard: LimitGuard,
  failed: AbortController,
): (progress: LayerProgress) => void {
  let before = NO_COUNTS;
  return (progress) => {
    try {
      guard.add(progress, before);
    } catch (error) {
      failed.abort(error);
    }
    before = progress;
  };
}
