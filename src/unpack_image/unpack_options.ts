import type { EventListener } from "../events.ts";
import type { Digest } from "../spec/digest.ts";
import type { Platform } from "../spec/platform.ts";
import type { ImageSource } from "../store/find_image.ts";
import type { Store } from "../store/store.ts";
import type { UnpackLimits } from "../unpack/unpack_limits.ts";

/** What unpacking needs, whatever the form. */
export interface UnpackOptions {
  /** Where the image is. */
  readonly store: Store;
  /** Default: this machine's where it is stored, else the first that is. */
  readonly platform?: Platform | undefined;
  /** What an image may make of itself. Default: generous ones. */
  readonly limits?: Partial<UnpackLimits> | undefined;
  /** Told of `unpack-start` and `unpack-done` of each layer. */
  readonly onEvent?: EventListener | undefined;
  /** Stops it; nothing is left then. */
  readonly signal?: AbortSignal | undefined;
  /** Whether what is there afterwards survives a power loss. */
  readonly sync?: boolean | undefined;
}

/** How layers are unpacked into folders of their own. */
export interface UnpackLayersOptions extends UnpackOptions {
  /** What becomes of whiteouts. Default `oci`: they stay `.wh.` files. */
  readonly whiteouts?: "oci" | "overlay" | undefined;
  /** Threads at a time. Default: one a processor, 4 at most. */
  readonly maxThreads?: number | undefined;
}

/** A layer that was unpacked. */
export interface UnpackedLayer {
  /** As it is in the manifest. */
  readonly digest: Digest;
  /** Of its uncompressed bytes. */
  readonly diffId: Digest;
  /** Uncompressed bytes; undefined where it was unpacked before. */
  readonly bytes?: number;
  /** Its own folder, where it has one. */
  readonly path?: string;
}

/** What was unpacked. */
export interface UnpackResult {
  /** Canonical. */
  readonly reference: string;
  /** What the reference resolved to. */
  readonly digest: Digest;
  /** Of the platform's manifest. */
  readonly manifestDigest: Digest;
  /** `os/architecture[/variant]`. */
  readonly platform: string;
  /** The folder, links in its path resolved. */
  readonly dir: string;
  /** Lowest first. */
  readonly layers: readonly UnpackedLayer[];
  /** Entries that are not on disk as the image has them. */
  readonly unset: number;
  /** The file that tells of them, where there are any. */
  readonly metadataPath?: string;
}

/** A reference that the caller has looked up, or is still to be. */
export type UnpackSource = ImageSource;
