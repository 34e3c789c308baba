import type { Digest } from "./spec/digest.ts";

/** How a blob came to be in the store. */
export type BlobStatus = "downloaded" | "resumed" | "reused";

/** What happens during a pull; see `--progress json` in the contract with users. */
export type DrayEvent =
  | { readonly event: "resolve"; readonly reference: string }
  | {
    readonly event: "manifest";
    readonly reference: string;
    readonly digest: Digest;
    readonly mediaType: string;
    readonly size: number;
    readonly platform?: string;
  }
  /** The blobs a reference needs are known: what follows is `blobs` transfers of `bytes` in all. */
  | {
    readonly event: "plan";
    readonly reference: string;
    readonly blobs: number;
    readonly bytes: number;
    /** What of `bytes` earlier, interrupted runs left. Absent: nothing. */
    readonly bytesKept?: number;
    readonly bytesReused: number;
  }
  | {
    readonly event: "blob-start";
    readonly digest: Digest;
    readonly size: number;
    /** Bytes that an earlier run left. */
    readonly offset: number;
  }
  | {
    readonly event: "blob-progress";
    readonly digest: Digest;
    /** Bytes of the blob that are on disk, those of earlier runs among them. */
    readonly received: number;
    readonly size: number;
  }
  | {
    readonly event: "blob-retry";
    readonly digest: Digest;
    readonly attempt: number;
    readonly reason: string;
    readonly delayMs: number;
  }
  /** Another process writes this blob; we wait for it. */
  | { readonly event: "blob-wait"; readonly digest: Digest }
  | {
    readonly event: "blob-done";
    readonly digest: Digest;
    readonly size: number;
    readonly status: BlobStatus;
  }
  /** An exchange other than a blob's is tried again, or a host asked for patience. */
  | {
    readonly event: "wait";
    readonly host: string;
    readonly attempt: number;
    readonly reason: string;
    readonly delayMs: number;
  }
  /** So much of what is in the store was hashed again; at most 10 a second. */
  | {
    readonly event: "verify-progress";
    readonly blobs: number;
    readonly bytes: number;
    readonly blobsTotal: number;
    readonly bytesTotal: number;
  }
  /** So much of an export or import is through; at most 10 a second. */
  | {
    readonly event: "copy-progress";
    readonly bytes: number;
    readonly bytesTotal: number;
  }
  | { readonly event: "warning"; readonly message: string }
  | { readonly event: "unpack-start"; readonly digest: Digest }
  /** So many of the layer's compressed bytes are unpacked; at most 10 a second. */
  | {
    readonly event: "unpack-progress";
    readonly digest: Digest;
    readonly read: number;
    readonly size: number;
  }
  | { readonly event: "unpack-done"; readonly digest: Digest }
  | {
    readonly event: "done";
    readonly reference: string;
    readonly digest: Digest;
    readonly bytesDownloaded: number;
    readonly bytesReused: number;
    readonly elapsedMs: number;
    /** Hosts that served blobs, a mirror or the registry itself. Absent: not known. */
    readonly sources?: readonly string[];
  }
  | {
    readonly event: "error";
    readonly code: string;
    readonly exitCode: number;
    readonly message: string;
    readonly hint?: string;
    readonly reference?: string;
  };

/** Told of each event as it happens; must not throw. The listener adds the time (`at`). */
export type EventListener = (event: DrayEvent) => void;
