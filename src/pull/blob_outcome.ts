import type { BlobStatus } from "../events.ts";

/** How a blob came into the store. */
export interface BlobOutcome {
  /** What was needed of the network. */
  readonly status: BlobStatus;
  /** Body bytes that this transfer received. */
  readonly bytesReceived: number;
  /** Bytes of the blob that it did not have to. */
  readonly bytesReused: number;
  /** Hosts that served it. Absent: none did. */
  readonly sources?: readonly string[];
}
