import type { DrayEvent } from "../../src/events.ts";
import type { Digest } from "../../src/spec/digest.ts";
import {
  initialProgress,
  type ProgressState,
} from "../../src/ui/progress_state.ts";
import { reduceProgress } from "../../src/ui/reduce_progress.ts";

/** A digest that is told from others at a glance: `0a0a0a…`. */
export function digestNumber(number: number): Digest {
  return `sha256:${number.toString(16).padStart(2, "0").repeat(32)}`;
}

/** The state after events, each with its moment in ms. */
export function play(
  timeline: readonly (readonly [atMs: number, event: DrayEvent])[],
  from: ProgressState = initialProgress(),
): ProgressState {
  return timeline.reduce(
    (state, [atMs, event]) => reduceProgress(state, event, atMs),
    from,
  );
}

/** The reference of all these events. */
export const REFERENCE = "docker.io/library/alpine:3.20";

/** Resolving is through and the plan is known. */
export function planned(
  plan: {
    blobs: number;
    bytes: number;
    bytesKept?: number;
    bytesReused?: number;
  },
): readonly (readonly [number, DrayEvent])[] {
  const digest = digestNumber(1);
  const manifest = { event: "manifest", reference: REFERENCE } as const;
  return [
    [0, { event: "resolve", reference: REFERENCE }],
    [0, { ...manifest, digest, mediaType: "index", size: 9 }],
    [0, {
      ...manifest,
      digest: digestNumber(2),
      mediaType: "manifest",
      size: 9,
      platform: "linux/amd64",
    }],
    [0, { event: "plan", reference: REFERENCE, bytesReused: 0, ...plan }],
  ];
}

/** A blob starts. */
export function start(number: number, size: number, offset = 0): DrayEvent {
  return { event: "blob-start", digest: digestNumber(number), size, offset };
}

/** A blob has come this far. */
export function progress(
  number: number,
  size: number,
  received: number,
): DrayEvent {
  const digest = digestNumber(number);
  return { event: "blob-progress", digest, size, received };
}
