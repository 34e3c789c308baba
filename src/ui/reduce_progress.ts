import type { DrayEvent } from "../events.ts";
import type { Digest } from "../spec/digest.ts";
import {
  advanceBlob,
  awaitBlob,
  retryBlob,
  startBlob,
} from "./blob_progress.ts";
import {
  type BlobProgress,
  initialProgress,
  type ProgressState,
  type UnpackProgress,
} from "./progress_state.ts";
import { addSample, startMeter } from "./rate_meter.ts";

type EventOf<Name extends DrayEvent["event"]> = Extract<
  DrayEvent,
  { readonly event: Name }
>;

/**
 * The state after an event.
 *
 * @param nowMs When the event happened, ms of a monotonic clock.
 */
export function reduceProgress(
  state: ProgressState,
  event: DrayEvent,
  nowMs: number,
): ProgressState {
  switch (event.event) {
    case "resolve":
      return { ...initialProgress(), reference: event.reference };
    case "manifest":
      return onManifest(state, event);
    case "plan":
      return onPlan(state, event, nowMs);
    case "blob-start":
      return onBlobStart(state, event, nowMs);
    case "blob-progress":
      return onBlobProgress(state, event, nowMs);
    case "blob-retry":
      return onBlobRetry(state, event, nowMs);
    case "blob-wait":
      return withBlob(state, awaitBlob(event.digest, nowMs));
    case "blob-done":
      return onBlobDone(state, event, nowMs);
    case "wait":
      return onWait(state, event, nowMs);
    case "verify-progress":
      return onVerifyProgress(state, event, nowMs);
    case "copy-progress":
      return onCopyProgress(state, event, nowMs);
    case "done":
      return { ...atRest(state), outcome: event };
    case "error":
      return atRest(state);
    case "unpack-start":
      return withUnpack(state, { digest: event.digest, size: 0, read: 0 });
    case "unpack-progress":
      return withUnpack(state, event);
    case "unpack-done":
      return withoutUnpack(state, event.digest);
    case "warning":
      return state;
  }
}

function atRest(state: ProgressState): ProgressState {
  return {
    ...state,
    blobs: new Map(),
    unpacks: new Map(),
    waits: new Map(),
  };
}

function onManifest(
  state: ProgressState,
  event: EventOf<"manifest">,
): ProgressState {
  const platforms = event.platform === undefined
    ? state.platforms
    : [...new Set([...state.platforms, event.platform])];
  return {
    ...state,
    reference: event.reference,
    // The first document is the one that the reference resolved to.
    digest: state.digest ?? event.digest,
    platforms,
    waits: new Map(),
  };
}

function onPlan(
  state: ProgressState,
  event: EventOf<"plan">,
  nowMs: number,
): ProgressState {
  const { blobs, bytes, bytesKept = 0, bytesReused } = event;
  return {
    ...state,
    keptAhead: bytesKept,
    plan: { blobs, bytes, bytesReused },
    meter: startMeter(nowMs),
  };
}

function onBlobStart(
  state: ProgressState,
  event: EventOf<"blob-start">,
  nowMs: number,
): ProgressState {
  const { blobs, transferred, meter } = state;
  // The time that went by while another process had all there was to do is no slow time.
  const onlyWaited = blobs.get(event.digest)?.waitsForOther === true &&
    [...blobs.values()].every(({ waitsForOther }) => waitsForOther);
  const started = {
    ...state,
    keptAhead: Math.max(0, state.keptAhead - event.offset),
    meter: onlyWaited ? startMeter(nowMs, transferred) : meter,
  };
  return withBlob(started, startBlob(event, nowMs));
}

function onBlobProgress(
  state: ProgressState,
  event: EventOf<"blob-progress">,
  nowMs: number,
): ProgressState {
  const blob = state.blobs.get(event.digest) ??
    startBlob({ ...event, offset: 0 }, nowMs);
  const next = advanceBlob(blob, event, nowMs);
  const gained = next.transferred - blob.transferred;
  return withTransferred(withBlob(state, next), gained, nowMs);
}

function onBlobRetry(
  state: ProgressState,
  event: EventOf<"blob-retry">,
  nowMs: number,
): ProgressState {
  const blob = state.blobs.get(event.digest) ?? awaitBlob(event.digest, nowMs);
  return withBlob(state, retryBlob(blob, event, nowMs));
}

function onBlobDone(
  state: ProgressState,
  event: EventOf<"blob-done">,
  nowMs: number,
): ProgressState {
  const blob = state.blobs.get(event.digest);
  if (blob === undefined && event.status === "reused") return state;
  const blobs = new Map(state.blobs);
  blobs.delete(event.digest);
  const { finished } = state;
  const next = {
    ...state,
    blobs,
    finished: {
      blobs: finished.blobs + 1,
      bytes: finished.bytes + event.size,
      resumed: finished.resumed + (event.status === "resumed" ? 1 : 0),
    },
  };
  const missed = event.status === "reused"
    ? 0
    : Math.max(0, event.size - (blob?.received ?? 0));
  return withTransferred(next, missed, nowMs);
}

function onWait(
  state: ProgressState,
  event: EventOf<"wait">,
  nowMs: number,
): ProgressState {
  const { attempt, reason } = event;
  const waits = new Map(state.waits);
  waits.set(event.host, { attempt, reason, untilMs: nowMs + event.delayMs });
  return { ...state, waits };
}

function onCopyProgress(
  state: ProgressState,
  { bytes, bytesTotal }: EventOf<"copy-progress">,
  nowMs: number,
): ProgressState {
  return onVerifyProgress(state, {
    event: "verify-progress",
    blobs: 0,
    blobsTotal: 0,
    bytes,
    bytesTotal,
  }, nowMs);
}

/** Shown as a transfer of one piece: so much of so much, and how fast. */
function onVerifyProgress(
  state: ProgressState,
  event: EventOf<"verify-progress">,
  nowMs: number,
): ProgressState {
  const { blobs, bytes, blobsTotal, bytesTotal } = event;
  const known = state.plan === undefined ? startMeter(nowMs) : state.meter;
  return {
    ...state,
    plan: { blobs: blobsTotal, bytes: bytesTotal, bytesReused: 0 },
    finished: { blobs, bytes, resumed: 0 },
    transferred: bytes,
    meter: addSample(known, nowMs, bytes),
  };
}

function withUnpack(
  state: ProgressState,
  { digest, size, read }: UnpackProgress,
): ProgressState {
  const unpacks = new Map(state.unpacks).set(digest, { digest, size, read });
  return { ...state, unpacks };
}

function withoutUnpack(state: ProgressState, digest: Digest): ProgressState {
  const unpacks = new Map(state.unpacks);
  unpacks.delete(digest);
  return { ...state, unpacks };
}

function withBlob(state: ProgressState, blob: BlobProgress): ProgressState {
  return { ...state, blobs: new Map(state.blobs).set(blob.digest, blob) };
}

function withTransferred(
  state: ProgressState,
  gained: number,
  nowMs: number,
): ProgressState {
  const transferred = state.transferred + gained;
  return {
    ...state,
    transferred,
    meter: addSample(state.meter, nowMs, transferred),
  };
}
