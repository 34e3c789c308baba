import { formatPlatform } from "../spec/platform.ts";
import type { FileTree } from "../unpack/file_tree.ts";
import { findNativeCalls } from "../unpack/native_calls.ts";
import { openStaging } from "../unpack/staging.ts";
import { createUnpackTarget } from "../unpack/unpack_target.ts";
import { layerFolderName } from "../store/layout.ts";
import { findImage } from "../store/find_image.ts";
import { finishUnpack } from "./finish_unpack.ts";
import { distinctLayers, loadImageLayers } from "./image_layers.ts";
import { LayerPipeline } from "./layer_pipeline.ts";
import type {
  UnpackLayersOptions,
  UnpackResult,
  UnpackSource,
} from "./unpack_options.ts";

/**
 * Unpacks an image of the store into one folder a layer, `DIR/sha256-…`, fit as lower folders of
 * an overlay mount. There is nothing else in the folder. A layer that stands twice in the image
 * is there once.
 *
 * @param source A reference, or an image of the store.
 * @param dir Not there, or an empty folder.
 * @returns among the rest the layers' paths, lowest first.
 * @throws what `unpack` throws, and LocalError `permission-denied` where whiteouts of overlayfs
 * are asked for and can't be made.
 */
export async function unpackLayers(
  source: UnpackSource,
  dir: string,
  options: UnpackLayersOptions,
): Promise<UnpackResult> {
  const { store, platform, sync = false, whiteouts = "oci" } = options;
  const image = findImage(store, source, "unpack");
  const content = await loadImageLayers(store, image, platform);
  const distinct = distinctLayers(content.layers);
  await using staging = await openStaging(dir);
  using native = findNativeCalls();
  using pipeline = new LayerPipeline(options);
  const trees = new Map<string, FileTree>();
  const lines: string[] = [];
  const bytes = await pipeline.run(distinct, ({ digest }) => {
    const root = `${staging.root}/${layerFolderName(digest)}`;
    Deno.mkdirSync(root, { mode: 0o700 });
    const target = createUnpackTarget(root, { whiteouts, native });
    target.tree.startLayer(whiteouts === "overlay");
    return target;
  }, ({ digest }, { tree, log }) => {
    tree.folders.finish(tree.root, 0);
    lines.push(...log.lines({ layer: digest }));
    trees.set(layerFolderName(digest), tree);
  });
  Deno.chmodSync(staging.root, 0o755);
  const metadataPath = await finishUnpack(staging, {
    lines,
    sync,
    native,
    settle: (path) => {
      for (const [name, tree] of trees) tree.folders.settle(`${path}/${name}`);
    },
  });
  return {
    reference: image.reference,
    digest: image.digest,
    manifestDigest: content.manifestDigest,
    platform: formatPlatform(content.platform),
    dir: staging.target,
    layers: content.layers.map(({ digest, diffId }) => ({
      digest,
      diffId,
      bytes: bytes[distinct.findIndex((layer) => layer.digest === digest)] ??
        0,
      path: `${staging.target}/${layerFolderName(digest)}`,
    })),
    unset: lines.length,
    ...metadataPath === undefined ? {} : { metadataPath },
  };
}
