import type { EventListener } from "../events.ts";
import type { LayerResult, PlatformResult } from "../spec/describe_platform.ts";
import type { Digest } from "../spec/digest.ts";
import type { Platform } from "../spec/platform.ts";
import type { Store } from "../store/store.ts";

/** How an archive is opened. */
export interface OpenImportOptions {
  /** Where the images go. */
  readonly store: Store;
  /** Most bytes of an archive that comes as a stream or is compressed. Default 128 GiB. */
  readonly maxBytes?: number | undefined;
  /** Ends it; its reason is thrown. */
  readonly signal?: AbortSignal | undefined;
}

/** How images are imported. */
export interface ImportOptions extends OpenImportOptions {
  /** References to give the one image that is imported. */
  readonly tags?: readonly string[] | undefined;
  /** Which image: a name that the archive gives it, or the start of its digest. Default: all. */
  readonly image?: string | undefined;
  /** Takes the names that the archive gives its images, for which nobody vouches. Default false. */
  readonly acceptNames?: boolean | undefined;
  /** Of the platforms in the archive, these. Default: all. */
  readonly platforms?: readonly Platform[] | undefined;
  /** Told of `copy-progress` and `warning`; must not throw. */
  readonly onEvent?: EventListener | undefined;
  /** Monotonic clock, ms. Default `performance.now`. */
  readonly now?: (() => number) | undefined;
}

/** An image of an archive, before anything of it is imported. */
export interface ArchivedImage {
  /** References that the archive gives it, canonical: nobody vouches for them. */
  readonly names: readonly string[];
  /** Other names, such as a tag alone. Untrusted text. */
  readonly labels: readonly string[];
  /** Of its manifest or index; in a docker archive, which has none, of its config. */
  readonly digest: Digest;
}

/** A layer of an imported image. */
export interface ImportedLayer extends LayerResult {
  /** Whether it came from the archive or was in the store; `absent` for one that may be. */
  readonly status: "imported" | "reused" | "absent";
}

/** One platform of an imported image. */
export type ImportedPlatform = PlatformResult<ImportedLayer>;

/** What an import brought; sizes in bytes. */
export interface ImportedImage {
  /** Canonical. */
  readonly reference: string;
  /** Of the manifest or index that it names. */
  readonly digest: Digest;
  /** In the order of the index. */
  readonly platforms: readonly ImportedPlatform[];
  /** Documents and distinct blobs. */
  readonly bytesTotal: number;
  /** What came from the archive. */
  readonly bytesImported: number;
  /** What was in the store. */
  readonly bytesReused: number;
  /** From the call to the end. */
  readonly elapsedMs: number;
}
