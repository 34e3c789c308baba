import type { DrayEvent } from "../events.ts";
import type { Digest } from "../spec/digest.ts";
import type { BlobProgress } from "./progress_state.ts";
import { addSample, startMeter } from "./rate_meter.ts";

type EventOf<Name extends DrayEvent["event"]> = Extract<
  DrayEvent,
  { readonly event: Name }
>;

/** A blob that starts, with what an earlier run left of it. */
export function startBlob(
  event: Pick<EventOf<"blob-start">, "digest" | "size" | "offset">,
  nowMs: number,
): BlobProgress {
  const { digest, size, offset } = event;
  return {
    digest,
    size,
    offset,
    received: offset,
    transferred: 0,
    waitsForOther: false,
    meter: startMeter(nowMs),
  };
}

/** A blob that another process writes; its size is not known here. */
export function awaitBlob(digest: Digest, nowMs: number): BlobProgress {
  const blob = startBlob({ digest, size: 0, offset: 0 }, nowMs);
  return { ...blob, waitsForOther: true };
}

/** A blob of which more is on disk; a retry is over when bytes arrive. */
export function advanceBlob(
  blob: BlobProgress,
  event: EventOf<"blob-progress">,
  nowMs: number,
): BlobProgress {
  const { retry: _over, ...rest } = blob;
  // A restart at zero takes bytes back from disk, never from what was transferred.
  const gained = Math.max(0, event.received - blob.received);
  const transferred = blob.transferred + gained;
  return {
    ...rest,
    size: event.size,
    received: event.received,
    transferred,
    waitsForOther: false,
    meter: addSample(blob.meter, nowMs, transferred),
  };
}

/** A blob whose transfer is taken up again. */
export function retryBlob(
  blob: BlobProgress,
  event: EventOf<"blob-retry">,
  nowMs: number,
): BlobProgress {
  const { attempt, reason, delayMs } = event;
  const retry = { attempt, reason, untilMs: nowMs + delayMs };
  return { ...blob, waitsForOther: false, retry };
}
