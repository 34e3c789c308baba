import type { BlobStatus } from "../events.ts";
import {
  describePlatform,
  type LayerResult,
  type PlatformResult,
} from "../spec/describe_platform.ts";
import type { Digest } from "../spec/digest.ts";
import { sumSizes } from "./plan.ts";
import type { PulledImage } from "./pull_image.ts";

/** A layer of a pulled image. */
export interface PulledLayer extends LayerResult {
  /** How it came to be in the store. */
  readonly status: BlobStatus;
  /** Its own folder, where it was unpacked. */
  readonly path?: string;
}

/** One platform of a pulled image. */
export type PulledPlatform = PlatformResult<PulledLayer>;

/** What a pull brought; sizes in bytes. */
export interface PullResult {
  /** Canonical. */
  readonly reference: string;
  /** What the reference resolved to. */
  readonly digest: Digest;
  /** Those that were pulled, in the order wanted. */
  readonly platforms: readonly PulledPlatform[];
  /** Indexes, manifests, configs and distinct layers of these platforms. */
  readonly bytesTotal: number;
  /** Body bytes received in this run. */
  readonly bytesDownloaded: number;
  /** What did not have to be transferred. */
  readonly bytesReused: number;
  /** From the call to the end. */
  readonly elapsedMs: number;
}

/** The result but for the time it took. */
export function describePull(
  reference: string,
  { image, configs, plan, outcomes, folders }: PulledImage,
  documentBytes: number,
): Omit<PullResult, "elapsedMs"> {
  const all = [...outcomes.values()];
  const received = all.reduce(
    (sum, { bytesReceived }) => sum + bytesReceived,
    0,
  );
  const kept = all.reduce((sum, { bytesReused }) => sum + bytesReused, 0);
  return {
    reference,
    digest: image.root.descriptor.digest,
    platforms: image.manifests.map((manifest, position) =>
      describePlatform(
        { ...manifest, config: configs[position] },
        (layer) => describeLayer(layer, { outcomes, folders }),
      )
    ),
    bytesTotal: plan.bytesTotal,
    bytesDownloaded: documentBytes + received,
    bytesReused: kept + Math.max(0, sumSizes(plan.documents) - documentBytes),
  };
}

function describeLayer(
  digest: Digest,
  { outcomes, folders }: Pick<PulledImage, "outcomes" | "folders">,
): Pick<PulledLayer, "status" | "path"> {
  const status = outcomes.get(digest)?.status ?? "reused";
  const path = folders.get(digest)?.path;
  return path === undefined ? { status } : { status, path };
}
