import type { DrayEvent } from "../events.ts";
import type { Digest } from "../spec/digest.ts";
import type { RateMeter } from "./rate_meter.ts";

/** Something that is tried again, or waits for a host's leave. */
export interface Wait {
  readonly reason: string;
  readonly attempt: number;
  /** When the next attempt starts, ms of a monotonic clock. */
  readonly untilMs: number;
}

/** A blob in flight. */
export interface BlobProgress {
  readonly digest: Digest;
  /** Bytes; 0 while another process writes the blob and its size is not known here. */
  readonly size: number;
  /** Bytes on disk, those of earlier runs among them. */
  readonly received: number;
  /** Bytes that came over the network in this run. */
  readonly transferred: number;
  /** What an earlier run left, in bytes. */
  readonly offset: number;
  readonly waitsForOther: boolean;
  readonly retry?: Wait;
  readonly meter: RateMeter;
}

/** A layer that is being unpacked. */
export interface UnpackProgress {
  readonly digest: Digest;
  /** Compressed bytes; 0 while it isn't known. */
  readonly size: number;
  /** Those of them that are unpacked. */
  readonly read: number;
}

/** What the reference at work needs, once known. */
export interface TransferPlan {
  readonly blobs: number;
  readonly bytes: number;
  readonly bytesReused: number;
}

/** The blobs that are through. */
export interface FinishedBlobs {
  /** Transfers of the plan. */
  readonly blobs: number;
  /** Their sizes together. */
  readonly bytes: number;
  /** Those of them that another run had begun. */
  readonly resumed: number;
}

/** All that the renderers show: one reference at a time, in the order of the events. */
export interface ProgressState {
  readonly reference?: string;
  readonly digest?: Digest;
  readonly platforms: readonly string[];
  readonly plan?: TransferPlan;
  /** In the order they started. */
  readonly blobs: ReadonlyMap<Digest, BlobProgress>;
  readonly finished: FinishedBlobs;
  /** In the order they started. */
  readonly unpacks: ReadonlyMap<Digest, UnpackProgress>;
  /** Waits that belong to no blob, by host. */
  readonly waits: ReadonlyMap<string, Wait>;
  /** What earlier runs left of blobs whose turn has not come, in bytes. */
  readonly keptAhead: number;
  /** Bytes of blobs that came over the network for this reference. */
  readonly transferred: number;
  readonly meter: RateMeter;
  /** The last outcome, which ends the reference. */
  readonly outcome?: Extract<DrayEvent, { readonly event: "done" }>;
}

/** The state before the first event. */
export function initialProgress(): ProgressState {
  return {
    platforms: [],
    blobs: new Map(),
    finished: { blobs: 0, bytes: 0, resumed: 0 },
    unpacks: new Map(),
    waits: new Map(),
    keptAhead: 0,
    transferred: 0,
    meter: { samples: [] },
  };
}

/** Bytes of the plan that are on disk. */
export function bytesOnDisk(state: ProgressState): number {
  let bytes = state.finished.bytes + state.keptAhead;
  for (const blob of state.blobs.values()) bytes += blob.received;
  return bytes;
}
