import type { PullResult } from "../pull/pull_result.ts";
import { type Digest, shortDigest } from "../spec/digest.ts";
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
  result: Pick<PullResult, "reference" | "digest">,
  before: StoredImage | undefined,
  nowMs: number,
): string | undefined {
  if (before === undefined) return undefined;
  const age = formatAge(before.pulledAt, nowMs);
  return before.digest === result.digest
    ? `${result.reference}: unchanged, pulled ${age}${madeAt(before, nowMs)}`
    : `${result.reference}: was ${shortDigest(before.digest)}, pulled ${age}`;
}

/** Builds that are to be the same each time have no moment, or that of the epoch. */
function madeAt({ createdAt }: StoredImage, nowMs: number): string {
  return createdAt === undefined || Date.parse(createdAt) <= 0
    ? ""
    : `, made ${formatAge(createdAt, nowMs)}`;
}

/** What a pull would download, and for which platforms. */
export function describeDryRun(result: PullResult): string {
  const platforms = result.platforms.map(({ platform }) => platform).join(", ");
  return `${result.reference} for ${platforms}: ${describeMissing(result)}`;
}

/** `2 layers, 5.2 MB to download, of 10 MB`. */
export function describeMissing(result: PullResult): string {
  const missing = new Map<Digest, number>();
  for (const { layers } of result.platforms) {
    for (const { digest, size, status } of layers) {
      if (status !== "reused") missing.set(digest, size);
    }
  }
  const bytes = [...missing.values()].reduce((sum, size) => sum + size, 0);
  const what = missing.size === 0
    ? "nothing to download"
    : `${count(missing.size, "layer")}, ${formatBytes(bytes)} to download`;
  return `${what}, of ${formatBytes(result.bytesTotal)}`;
}
