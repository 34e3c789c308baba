import type { EventListener } from "../events.ts";
import type { UnpackLimits } from "../unpack/unpack_limits.ts";

/** How layers are looked into. */
export interface LookOptions {
  /** What an image may make of itself. Default: generous ones. */
  readonly limits?: Partial<UnpackLimits> | undefined;
  /** Told of `unpack-start` and `unpack-done` of each layer that is read to its end. */
  readonly onEvent?: EventListener | undefined;
  /** Stops it. */
  readonly signal?: AbortSignal | undefined;
}
