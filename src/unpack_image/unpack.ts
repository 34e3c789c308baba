import { findNativeCalls } from "../unpack/native_calls.ts";
import { openStaging } from "../unpack/staging.ts";
import { createUnpackTarget } from "../unpack/unpack_target.ts";
import { finishUnpack } from "./finish_unpack.ts";
import { LayerPipeline } from "./layer_pipeline.ts";
import { loadSource } from "./load_source.ts";
import type {
  UnpackOptions,
  UnpackResult,
  UnpackSource,
} from "./unpack_options.ts";

/**
 * Unpacks an image of the store into a folder: its root filesystem, all layers merged and
 * whiteouts applied. The folder is there whole or not at all. Owners, devices and attributes
 * that this user can't make are told of in `DIR.metadata.jsonl` beside it.
 *
 * @param source A reference, or an image of the store.
 * @param dir Not there, or an empty folder.
 * @throws NotFoundError `not-in-store`, `platform-not-found`
 * @throws IntegrityError `digest-mismatch`, `archive-invalid`, `path-unsafe`, `limit-exceeded`,
 * `compression-invalid`, `compression-unsupported`
 * @throws LocalError `folder-not-empty`, `disk-full`, `permission-denied`, `io`
 *
 * @example
 * ```ts ignore
 * await using store = await Store.open("/var/lib/images");
 * const { dir } = await unpack("alpine:3.20", "rootfs", { store });
 * ```
 */
export async function unpack(
  source: UnpackSource,
  dir: string,
  options: UnpackOptions,
): Promise<UnpackResult> {
  const { sync = false } = options;
  const { layers, subject } = await loadSource(source, options);
  await using staging = await openStaging(dir);
  using native = findNativeCalls();
  const target = createUnpackTarget(staging.root, {
    whiteouts: "apply",
    native,
  });
  using pipeline = new LayerPipeline(options);
  const bytes = await pipeline.run(layers, (_layer, position) => {
    target.tree.startLayer(position > 0);
    return target;
  });
  target.tree.folders.finish(staging.root, staging.movedDepth);
  const metadataPath = await finishUnpack(staging, {
    lines: [...target.log.lines()],
    sync,
    native,
    settle: (path) => target.tree.folders.settle(path),
  });
  return {
    ...subject,
    dir: staging.target,
    layers: layers.map(({ digest, diffId }, position) => ({
      digest,
      diffId,
      bytes: bytes[position] ?? 0,
    })),
    unset: target.log.size,
    ...metadataPath === undefined ? {} : { metadataPath },
  };
}
