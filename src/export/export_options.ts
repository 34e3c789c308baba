import type { EventListener } from "../events.ts";
import type { Digest } from "../spec/digest.ts";
import type { ExportFormat } from "../spec/export_format.ts";
import type { Platform } from "../spec/platform.ts";
import type { Store } from "../store/store.ts";
import type { UnpackLimits } from "../unpack/unpack_limits.ts";

/** How {@linkcode exportImage} works. */
export interface ExportOptions {
  /** Where the images are. */
  readonly store: Store;
  /** Default `oci-archive`. */
  readonly format?: ExportFormat | undefined;
  /**
   * Of the stored platforms of each image, these. Default: all; for a form that has room for one
   * only, this machine's where it is stored, else the first that is.
   */
  readonly platforms?: readonly Platform[] | undefined;
  /**
   * Keeps an index, and so the image's digest, although some of what it lists is not exported:
   * tools may fail over what is missing. Default false.
   */
  readonly keepIndex?: boolean | undefined;
  /** What an image may make of itself when its layers are merged. Default: generous ones. */
  readonly limits?: Partial<UnpackLimits> | undefined;
  /** Default true: what is exported to a path survives a power loss. */
  readonly sync?: boolean | undefined;
  /** Told of `copy-progress`; must not throw. */
  readonly onEvent?: EventListener | undefined;
  /** Ends it, and nothing is left; its reason is thrown. */
  readonly signal?: AbortSignal | undefined;
  /** Monotonic clock, ms. Default `performance.now`. */
  readonly now?: (() => number) | undefined;
}

/** An image as it was exported. */
export interface ExportedImage {
  /** Canonical. */
  readonly reference: string;
  /** What the reference resolved to when it was pulled. */
  readonly digest: Digest;
  /**
   * What it is in the export: another than `digest` where an index lists more than was exported.
   * Undefined for a form without manifests.
   */
  readonly exportedDigest?: Digest;
  /** Of the manifest or index that has this digest. */
  readonly mediaType?: string;
  /** `os/architecture[/variant]` each. */
  readonly platforms: readonly string[];
}

/** What {@linkcode exportImage} made. */
export interface ExportResult {
  /** The form. */
  readonly format: ExportFormat;
  /** Where it is; undefined for a stream. */
  readonly path?: string;
  /** In the order of their references. */
  readonly images: readonly ExportedImage[];
  /** Bytes that were written. */
  readonly bytes: number;
  /** From the call to the end. */
  readonly elapsedMs: number;
}
