import type { PullResult } from "../pull/pull_result.ts";
import { shortDigest } from "../spec/digest.ts";
import { formatReference, type ImageReference } from "../spec/reference.ts";
import type { StoredImage } from "../store/stored_image.ts";
import { count } from "../ui/describe_done.ts";
import { formatAge } from "../ui/format_age.ts";
import { formatBytes } from "../ui/format_bytes.ts";

/** What `dray pull` prints for a reference: `REGISTRY/REPOSITORY[:TAG]@DIGEST`. */
export function pulledName(
  reference: ImageReference,
  { digest }: Pick<PullResult, "digest">,
): string {
  return formatReference({ ...reference, digest });
}

/** How a pull compares with what was there before, if anything was. */
export function describePulled(
  result: PullResult,
  before: StoredImage | undefined,
  nowMs: number,
): string | undefined {
  if (before === undefined) return undefined;
  const age = formatAge(before.pulledAt, nowMs);
  return before.digest === result.digest
    ? `${result.reference}: unchanged, pulled ${age}`
    : `${result.reference}: was ${shortDigest(before.digest)}, pulled ${age}`;
}

/** What a pull would download. */
export function describeDryRun(result: PullResult): string {
  const layers = result.platforms.flatMap(({ layers }) => layers);
  const missing = new Set(
    layers.filter(({ status }) => status !== "reused")
      .map(({ digest }) => digest),
  );
  // Documents were downloaded to know; of interrupted downloads only the rest is to come.
  const { bytesTotal, bytesDownloaded, bytesReused } = result;
  const bytes = bytesTotal - bytesDownloaded - bytesReused;
  const platforms = result.platforms.map(({ platform }) => platform).join(", ");
  const what = missing.size === 0
    ? "nothing to download"
    : `${count(missing.size, "layer")}, ${formatBytes(bytes)} to download`;
  return `${result.reference} for ${platforms}: ${what}, of ${
    formatBytes(result.bytesTotal)
  }`;
}
