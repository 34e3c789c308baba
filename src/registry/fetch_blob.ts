import { bodyStream } from "../http/body_stream.ts";
import type { ByteRange } from "../io/byte_range.ts";
import type { Descriptor } from "../spec/descriptor.ts";
import { parseDigest } from "../spec/digest.ts";
import { fetchVerified } from "./fetch_verified.ts";
import { readInlineData } from "./inline_data.ts";
import { openBlob } from "./open_blob.ts";
import type { CallOptions, RegistryContext } from "./registry_context.ts";
import { type Repository, repositoryText } from "./repository_name.ts";
import { rangeNotServed, sliceStream, verifyStream } from "./verify_stream.ts";

/** Settings of {@linkcode fetchBlob}. */
export interface FetchBlobOptions extends CallOptions {
  /** Bytes wanted, half-open; past the blob's end there are none. Default: the whole blob, verified. */
  readonly range?: ByteRange | undefined;
}

/**
 * Opens a blob as a stream. Read to its end, a whole blob gives an error
 * instead of its end where digest or size differ; a part is checked for
 * its length only.
 *
 * @throws RangeError when the range holds no byte.
 */
export async function fetchBlob(
  context: RegistryContext,
  repository: Repository,
  descriptor: Descriptor,
  options: FetchBlobOptions = {},
): Promise<ReadableStream<Uint8Array<ArrayBuffer>>> {
  const { signal } = options;
  const range = options.range && clipRange(options.range, descriptor.size);
  const inline = readInlineData(descriptor, context.maxDocumentBytes);
  if (inline !== undefined) {
    const part = range === undefined
      ? inline
      : inline.subarray(range.start, range.end);
    return new Blob([part.slice()]).stream();
  }
  const answer = await openBlob(context, repository, descriptor, {
    ...options,
    range,
  });
  if (answer.kind === "unsatisfiable") {
    throw rangeNotServed(descriptor, answer.source);
  }
  const { idleTimeoutMs } = context;
  const body = bodyStream(answer.response, { idleTimeoutMs, signal });
  const expected = { descriptor, source: answer.source };
  if (range === undefined) return verifyStream(body, expected);
  return answer.kind === "range"
    ? sliceStream(body, { start: 0, end: range.end - range.start }, expected)
    : sliceStream(body, range, expected);
}

/** The part of a range that is in the blob; one that begins behind it is for the registry to refuse. */
function clipRange({ start, end }: ByteRange, size: number): ByteRange {
  const isRange = Number.isSafeInteger(start) && Number.isSafeInteger(end) &&
    0 <= start && start < end;
  if (!isRange) {
    throw new RangeError(
      `Cannot fetch bytes from ${start} up to ${end}: there are none`,
    );
  }
  return start < size ? { start, end: Math.min(end, size) } : { start, end };
}

/** Fetches a config, or another small blob, whole and verified. */
export async function fetchSmallBlob(
  context: RegistryContext,
  repository: Repository,
  descriptor: Descriptor,
  options: CallOptions = {},
): Promise<Uint8Array> {
  const inline = readInlineData(descriptor, context.maxDocumentBytes);
  if (inline !== undefined) return inline;
  const digest = parseDigest(descriptor.digest);
  const { bytes } = await fetchVerified(context, repository, {
    ...options,
    action: "fetch config",
    what: `${repositoryText(repository)}@${digest}`,
    path: `blobs/${digest}`,
    accept: "*/*",
    needs: "pull",
    digest,
    size: descriptor.size,
  });
  return bytes;
}
