import { UsageError } from "../errors.ts";
import { formatPlatform } from "../spec/platform.ts";
import type { StoredImage } from "../store/stored_image.ts";
import type { ExportOptions } from "./export_options.ts";
import { rootfsChunks } from "./rootfs_chunks.ts";
import { onePlatform } from "./select_stored.ts";
import type { Written } from "./write_archive.ts";
import { type ExportTarget, writeOutput } from "./write_output.ts";

/** All layers merged: no manifest, no config, and so just one image. */
export async function writeRootfs(
  [image, ...others]: readonly StoredImage[],
  target: ExportTarget,
  options: ExportOptions,
): Promise<Written> {
  if (image === undefined) return { images: [], bytes: 0 };
  if (others.length > 0) {
    throw new UsageError(
      "usage",
      "Cannot export several images as rootfs-tar: it has room for one",
      { hint: "use --format oci-archive or docker-archive" },
    );
  }
  const { platforms = [], signal, sync = true } = options;
  const stored = onePlatform(image, platforms, "rootfs-tar");
  const chunks = rootfsChunks(image, { ...options, stored });
  const { reference, digest } = image;
  const shown = [formatPlatform(stored.platform)];
  return {
    images: [{ reference, digest, platforms: shown }],
    bytes: await writeOutput(target, chunks, { sync, signal }),
  };
}
