import type { RateLimit } from "../../registry/rate_limit.ts";
import type { ImageConfig } from "../../spec/config.ts";
import type { Document, ManifestDocument } from "../../spec/manifest.ts";
import type { Platform } from "../../spec/platform.ts";

/** One image as `dray inspect` shows it, from the store or from a registry. */
export interface ImageView {
  /** Canonical. */
  readonly reference: string;
  /** What the reference resolves to. */
  readonly root: Document;
  /** Those that can be chosen from. */
  readonly platforms: readonly Platform[];
  /** The root, or the one of its manifests that was chosen. */
  readonly manifest: ManifestDocument;
  readonly configBytes: Uint8Array;
  /** Missing where the config is of another type, as an artifact's. */
  readonly config?: ImageConfig;
  /** RFC 3339; of a stored image. */
  readonly pulledAt?: string;
  /** Of the registry that was asked, where it tells one. */
  readonly rateLimit?: RateLimit;
}
