import type { DrayEvent } from "../events.ts";
import { IntegrityError } from "../errors.ts";
import type { GrowingFile } from "../io/growing_file.ts";
import type { RepositoryName } from "../registry/repository_name.ts";
import type { Descriptor } from "../spec/descriptor.ts";
import { BlobFill, type FillSettings } from "./blob_fill.ts";
import { BlobSources } from "./blob_sources.ts";
import type { BlobOutcome } from "./blob_outcome.ts";
import type { BlobIngest, BlobStore } from "./ports.ts";
import { ProgressThrottle } from "./progress_throttle.ts";
import type { Turn } from "./turnstile.ts";

/** One blob's way into the store. */
export interface TransferJob {
  readonly repository: RepositoryName;
  readonly descriptor: Descriptor;
  readonly store: BlobStore;
  readonly settings: FillSettings;
  readonly signal: AbortSignal;
  readonly emit: (event: DrayEvent) => void;
  /** Leave to hold a file open; given up while there is nothing to download. */
  readonly turn: Turn;
  /** Works at a fill until every byte is on disk. */
  readonly complete: (fill: BlobFill) => Promise<void>;
  /** Of those who read along. */
  readonly files: ReadonlySet<GrowingFile>;
  /** Told of what is on disk, in bytes; less than before when it starts again. */
  readonly onDisk: (bytes: number) => void;
}

/** Counts over all attempts at one blob. */
interface Tally {
  received: number;
  kept: number;
}

/**
 * Brings a blob into the store. Bytes that hash to something else are fetched
 * once more from zero, from another source where there is one.
 *
 * @throws IntegrityError digest-mismatch
 * @throws UnavailableError when the retry budget is spent.
 */
export async function transferBlob(job: TransferJob): Promise<BlobOutcome> {
  const { descriptor, emit } = job;
  const sources = new BlobSources();
  const tally: Tally = { received: 0, kept: 0 };
  for (let second = false;;) {
    const result = await tryTransfer(job, sources, tally);
    if (typeof result === "string") {
      const outcome = outcomeOf(result, tally, descriptor.size);
      return { ...outcome, sources: sources.used };
    }
    // What an earlier run left may have been damaged since: that is nobody's attempt.
    const isFresh = tally.kept === 0;
    if (second && isFresh) throw result;
    if (isFresh) sources.avoidUsed();
    second ||= isFresh;
    for (const file of job.files) file.restart();
    const reason = "the bytes hash to another digest";
    emit({
      event: "blob-retry",
      digest: descriptor.digest,
      attempt: 1,
      reason,
      delayMs: 0,
    });
  }
}

function outcomeOf(
  how: "committed" | "present",
  { received, kept }: Tally,
  size: number,
): BlobOutcome {
  // What was here and came once more, since a server gives no ranges, was not reused.
  const spared = Math.max(0, size - received);
  if (how === "present") {
    return { status: "reused", bytesReceived: received, bytesReused: spared };
  }
  const bytesReused = Math.min(kept, spared);
  const status = bytesReused > 0 ? "resumed" : "downloaded";
  return { status, bytesReceived: received, bytesReused };
}

/** Resolves to the error when every byte came and they hash to another digest. */
async function tryTransfer(
  job: TransferJob,
  sources: BlobSources,
  tally: Tally,
): Promise<"committed" | "present" | IntegrityError> {
  const { descriptor, store, signal, emit, turn } = job;
  const { digest, size } = descriptor;
  const onWait = () => {
    turn.end();
    emit({ event: "blob-wait", digest });
  };
  await using ingest = await store.openIngest(descriptor, { signal, onWait });
  signal.throwIfAborted();
  if (ingest === undefined) return "present";
  tally.kept = ingest.kept;
  emit({ event: "blob-start", digest, size, offset: ingest.kept });
  await fill(job, ingest, sources, tally);
  turn.end();
  try {
    await ingest.commit();
    return "committed";
  } catch (error) {
    if (error instanceof IntegrityError && error.code === "digest-mismatch") {
      return error;
    }
    throw error;
  }
}

async function fill(
  job: TransferJob,
  ingest: BlobIngest,
  sources: BlobSources,
  tally: Tally,
): Promise<void> {
  const { repository, descriptor, settings, emit, signal } = job;
  const { digest, size } = descriptor;
  let received = ingest.kept;
  const progress = new ProgressThrottle(
    () => emit({ event: "blob-progress", digest, received, size }),
    settings.now,
  );
  const showPrefix = () => {
    if (job.files.size === 0 || ingest.path === undefined) return;
    const { path, prefixBytes = 0 } = ingest;
    for (const file of job.files) file.grow(path, prefixBytes);
  };
  job.onDisk(received);
  showPrefix();
  const blobFill = new BlobFill({
    repository,
    descriptor,
    sources,
    ingest,
    onReceived: (bytes) => {
      tally.received += bytes;
    },
    onWritten: (bytes) => {
      received += bytes;
      job.onDisk(received);
      showPrefix();
      progress.touch();
    },
    onRetry: (wait) => emit({ event: "blob-retry", digest, ...wait }),
  }, settings);
  const abort = () => blobFill.abort(signal.reason);
  signal.addEventListener("abort", abort, { once: true });
  // A listener that was told of the start may have ended it.
  if (signal.aborted) abort();
  try {
    await job.complete(blobFill);
  } finally {
    signal.removeEventListener("abort", abort);
  }
}
