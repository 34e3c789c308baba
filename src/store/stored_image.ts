import type { Digest } from "../spec/digest.ts";
import type { Platform } from "../spec/platform.ts";

/** A platform of an image that is in the store with all its blobs. */
export interface StoredPlatform {
  /** What it runs on. */
  readonly platform: Platform;
  /** Digest of its manifest. */
  readonly manifestDigest: Digest;
  /** Digest of its config. */
  readonly configDigest: Digest;
}

/** An image in the store, as lists show it. */
export interface ImageSummary {
  /** Canonical reference. */
  readonly reference: string;
  /** Digest of what the reference resolved to, an index or a manifest. */
  readonly digest: Digest;
  /** Those that are stored, in the order of the index. */
  readonly platforms: readonly Pick<StoredPlatform, "platform">[];
  /** Manifests, configs and distinct layers of the platforms that are stored. */
  readonly sizeBytes: number;
  /** Distinct layers of the platforms that are stored. */
  readonly layers: number;
  /** As the image says, which need not be a date. */
  readonly createdAt?: string;
  /** RFC 3339. */
  readonly pulledAt: string;
  /** RFC 3339. */
  readonly lastUsedAt: string;
}

/** An image in the store. */
export interface StoredImage extends ImageSummary {
  /** Media type of what the reference resolved to, as the manifest says. */
  readonly mediaType: string;
  /** Bytes of what the reference resolved to. */
  readonly size: number;
  /** Those that are stored, in the order of the index. */
  readonly platforms: readonly StoredPlatform[];
}

/** A layer of a stored manifest. */
export interface StoredLayer {
  /** Digest of the compressed layer. */
  readonly digest: Digest;
  /** As the manifest says. */
  readonly mediaType: string;
  /** Bytes. */
  readonly size: number;
  /** Digest of the uncompressed layer, as the config says. */
  readonly diffId?: Digest;
}
