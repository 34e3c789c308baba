import type { ImageConfig } from "./config.ts";
import type { Digest } from "./digest.ts";
import type { ManifestDocument } from "./manifest.ts";
import { formatPlatform, type Platform } from "./platform.ts";

/** A layer, as the results of a pull and of an import tell of it. */
export interface LayerResult {
  /** Of the layer as it is transferred. */
  readonly digest: Digest;
  /** Digest of the uncompressed layer; an artifact's layers have none. */
  readonly diffId?: Digest;
  /** As the manifest says. */
  readonly mediaType: string;
  /** In bytes, as it is transferred. */
  readonly size: number;
}

/** An image for one platform, as such results tell of it. */
export interface PlatformResult<Layer extends LayerResult> {
  /** `os/arch[/variant]`; `unknown/unknown` for an artifact that no index names. */
  readonly platform: string;
  /** Of the platform's manifest. */
  readonly manifestDigest: Digest;
  /** Of the manifest's config. */
  readonly configDigest: Digest;
  /** Lowest first. */
  readonly layers: readonly Layer[];
}

/** What is known of an image for one platform. */
interface KnownPlatform {
  readonly document: ManifestDocument;
  /** What its index says it runs on; default: what its config says. */
  readonly platform?: Platform | undefined;
  /** Undefined for an artifact. */
  readonly config?: ImageConfig | undefined;
}

const UNKNOWN: Platform = { os: "unknown", architecture: "unknown" };

/** @param tellMore What became of a layer. */
export function describePlatform<Extra>(
  { document, platform, config }: KnownPlatform,
  tellMore: (digest: Digest) => Extra,
): PlatformResult<LayerResult & Extra> {
  const { descriptor, manifest } = document;
  return {
    platform: formatPlatform(platform ?? config?.platform ?? UNKNOWN),
    manifestDigest: descriptor.digest,
    configDigest: manifest.config.digest,
    layers: manifest.layers.map(({ digest, mediaType, size }, position) => {
      const diffId = config?.diffIds[position];
      return {
        digest,
        ...diffId === undefined ? {} : { diffId },
        mediaType,
        size,
        ...tellMore(digest),
      };
    }),
  };
}
