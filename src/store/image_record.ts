import type { ImageConfig } from "../spec/config.ts";
import type { Descriptor } from "../spec/descriptor.ts";
import type { Document } from "../spec/manifest.ts";
import type { Platform } from "../spec/platform.ts";

/** A manifest or index that a reference brought, with what is known about it. */
export interface RecordedDocument {
  /** The manifest or index, verified. */
  readonly document: Document;
  /** Of a manifest: its parsed configuration. Absent where the config blob is no image config. */
  readonly config?: {
    readonly descriptor: Descriptor;
    readonly config: ImageConfig;
  };
  /** The platform it was chosen for. Default: the configuration's. */
  readonly platform?: Platform;
}

/** An image that is complete in the store: all its blobs are committed. */
export interface ImageRecord {
  /** Canonical reference: `docker.io/library/alpine:3.20`. */
  readonly reference: string;
  /** What the reference resolved to: an index or a manifest. */
  readonly root: Descriptor;
  /** The root and the manifest of each platform that was pulled, in the order wanted. */
  readonly documents: readonly RecordedDocument[];
  /** When it was pulled, in milliseconds. Default: now. */
  readonly pulledAtMs?: number;
}
