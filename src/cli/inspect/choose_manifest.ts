import { NotFoundError } from "../../errors.ts";
import type { ImageIndex } from "../../spec/manifest.ts";
import type { Descriptor } from "../../spec/descriptor.ts";
import { formatPlatform, type Platform } from "../../spec/platform.ts";
import { listPlatforms, selectManifest } from "../../spec/select_manifest.ts";

/**
 * The entry of an index for a platform.
 *
 * @param action The verb of the message.
 * @throws NotFoundError platform-not-found, naming those that exist.
 */
export function chooseManifest(
  index: ImageIndex,
  platform: Platform,
  reference: string,
  action = "inspect",
): Descriptor {
  const chosen = selectManifest(index, platform);
  if (chosen !== undefined) return chosen;
  const wanted = formatPlatform(platform);
  const available = listPlatforms(index).map(formatPlatform);
  const text = available.length === 0 ? "none" : available.join(", ");
  throw new NotFoundError(
    "platform-not-found",
    `Cannot ${action} "${reference}" for platform "${wanted}": there is only ${text}`,
    {
      hint: available[0] === undefined
        ? undefined
        : `choose one with --platform ${available[0]}`,
      details: { wanted, available: text },
    },
  );
}
