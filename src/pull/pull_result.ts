import type { BlobStatus } from "../events.ts";
import type { ImageConfig } from "../spec/config.ts";
import type { Digest } from "../spec/digest.ts";
import { formatPlatform, type Platform } from "../spec/platform.ts";
import type { ChosenManifest } from "./descent.ts";
import { sumSizes } from "./plan.ts";
import type { PulledImage } from "./pull_image.ts";

/** A layer of a pulled image. */
export interface PulledLayer {
  /** Of the layer as it is transferred. */
  readonly digest: Digest;
  /** Digest of the uncompressed layer; an artifact's layers have none. */
  readonly diffId?: Digest;
  /** As the manifest says. */
  readonly mediaType: string;
  /** In bytes, compressed. */
  readonly size: number;
  /** How it came to be in the store. */
  readonly status: BlobStatus;
  /** Its own folder, where it was unpacked. */
  readonly path?: string;
}

/** One platform of a pulled image. */
export interface PulledPlatform {
  /** `os/arch[/variant]`; `unknown/unknown` for an artifact that no index names. */
  readonly platform: string;
  /** Of the platform's manifest. */
  readonly manifestDigest: Digest;
  /** Of the manifest's config. */
  readonly configDigest: Digest;
  /** Lowest first. */
  readonly layers: readonly PulledLayer[];
}

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

const UNKNOWN: Platform = { os: "unknown", architecture: "unknown" };

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
      describePlatform(manifest, configs[position], { outcomes, folders })
    ),
    bytesTotal: plan.bytesTotal,
    bytesDownloaded: documentBytes + received,
    bytesReused: kept + Math.max(0, sumSizes(plan.documents) - documentBytes),
  };
}

function describePlatform(
  { document, platform }: ChosenManifest,
  config: ImageConfig | undefined,
  { outcomes, folders }: Pick<PulledImage, "outcomes" | "folders">,
): PulledPlatform {
  const { descriptor, manifest } = document;
  return {
    platform: formatPlatform(platform ?? config?.platform ?? UNKNOWN),
    manifestDigest: descriptor.digest,
    configDigest: manifest.config.digest,
    layers: manifest.layers.map(({ digest, mediaType, size }, position) => {
      const diffId = config?.diffIds[position];
      const path = folders.get(digest)?.path;
      const status = outcomes.get(digest)?.status ?? "reused";
      return {
        digest,
        ...(diffId === undefined ? {} : { diffId }),
        mediaType,
        size,
        status,
        ...path === undefined ? {} : { path },
      };
    }),
  };
}
