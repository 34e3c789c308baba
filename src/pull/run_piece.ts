import { UnavailableError } from "../errors.ts";
import { type BodyReader, openBody } from "../http/body_reader.ts";
import type { Deadlines } from "../http/deadlines.ts";
import type { RetryNotice } from "../http/http_request.ts";
import type { ByteRange } from "../io/byte_range.ts";
import type { BlobAnswer } from "../registry/blob_answer.ts";
import type { RepositoryName } from "../registry/repository_name.ts";
import type { Descriptor } from "../spec/descriptor.ts";
import type { BlobRanges } from "./blob_ranges.ts";
import type { BlobSources } from "./blob_sources.ts";
import { drainBody, endBody, type PartWriter } from "./drain_body.ts";
import type { FailurePhase } from "./failure.ts";
import type { Piece } from "./piece.ts";
import type { BlobClient } from "./ports.ts";
import type { RateLimiter } from "./rate_limiter.ts";

/** What every request of a blob shares. */
export interface PieceContext {
  readonly client: BlobClient;
  readonly repository: RepositoryName;
  readonly descriptor: Descriptor;
  readonly ranges: BlobRanges;
  readonly sources: BlobSources;
  /** Puts a part of a piece where it belongs. */
  readonly write: (
    piece: Piece,
    part: ByteRange,
    bytes: Uint8Array,
  ) => Promise<void>;
  readonly limiter: RateLimiter | undefined;
  readonly now: () => number;
  readonly idleTimeoutMs: number;
  /** Of the bodies of all answers. */
  readonly deadlines: Deadlines;
  readonly onReceived: (bytes: number) => void;
  /** A wait of the transport's. */
  readonly onRetry: (notice: RetryNotice) => void;
}

/** Why a request did not bring what it was to bring. */
export interface PieceFailure {
  readonly error: unknown;
  readonly phase: FailurePhase;
}

/** Fewer bytes than these within the idle timeout are as good as none. */
const MIN_WINDOW_BYTES = 1024;

/** Sends a piece's request and moves its answer; never rejects. */
export async function runPiece(
  piece: Piece,
  context: PieceContext,
): Promise<PieceFailure | undefined> {
  let phase: FailurePhase = "headers";
  try {
    const answer = await openPiece(piece, context);
    if (answer.kind === "unsatisfiable") {
      throw unusable(answer.source, "it has no such range", 416);
    }
    phase = "body";
    await moveAnswer(answer, piece, context);
    return undefined;
  } catch (error) {
    return { error, phase };
  }
}

async function openPiece(
  piece: Piece,
  context: PieceContext,
): Promise<BlobAnswer> {
  const { client, repository, descriptor, sources, onRetry } = context;
  const range = piece.request;
  const answer = await client.openBlob(repository, descriptor, {
    signal: piece.controller.signal,
    onRetry,
    avoid: sources.avoided,
    ...(range === undefined ? {} : { range }),
    ...(range === undefined || sources.etag === undefined
      ? {}
      : { etag: sources.etag }),
  });
  piece.source = answer.source;
  return answer;
}

async function moveAnswer(
  answer: Exclude<BlobAnswer, { kind: "unsatisfiable" }>,
  piece: Piece,
  context: PieceContext,
): Promise<void> {
  const { signal } = piece.controller;
  const { idleTimeoutMs, deadlines } = context;
  const body = openBody(answer.response, { idleTimeoutMs, signal, deadlines });
  try {
    if (!accept(answer, piece, context)) return await body.cancel();
    const write: PartWriter = (part, bytes) =>
      context.write(piece, part, bytes);
    await drainBody(body, piece, write, {
      now: context.now,
      signal,
      limiter: context.limiter,
      idleTimeoutMs,
      minWindowBytes: MIN_WINDOW_BYTES,
      onReceived: context.onReceived,
    });
  } catch (error) {
    await cancelQuietly(body);
    throw error;
  }
  await endBody(body, piece);
}

/** Whether the answer is to be read; throws where it is to be asked for again. */
function accept(
  answer: Exclude<BlobAnswer, { kind: "unsatisfiable" }>,
  piece: Piece,
  { ranges, sources }: PieceContext,
): boolean {
  if (!sources.admit(answer)) {
    throw unusable(answer.source, "its ETag changed between two ranges");
  }
  if (answer.kind === "range" || piece.request === undefined) return true;
  return ranges.onWholeAnswer(piece);
}

function unusable(
  source: string,
  what: string,
  status?: number,
): UnavailableError {
  return new UnavailableError(
    "server-error",
    `Cannot read "${source}": ${what}`,
    {
      details: { host: source, ...(status === undefined ? {} : { status }) },
    },
  );
}

async function cancelQuietly(body: BodyReader): Promise<void> {
  try {
    await body.cancel();
  } catch {
    // What went wrong before is what counts.
  }
}
