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
  /** Bytes wanted, half-open. Default: the whole blob, verified. */
  readonly range?: ByteRange | undefined;
}

/**
 * Opens a blob as a stream. Read to its end, a whole blob gives an error
 * instead of its last bytes where digest or size differ; a part is checked for
 * its length only.
 */
export async function fetchBlob(
  context: RegistryContext,
  repository: Repository,
  descriptor: Descriptor,
  options: FetchBlobOptions = {},
): Promise<ReadableStream<Uint8Array<ArrayBuffer>>> {
  const { range } = options;
  const inline = readInlineData(descriptor, context.maxDocumentBytes);
  if (inline !== undefined) {
    const part = range === undefined
      ? inline
      : inline.subarray(range.start, range.end);
    return new Blob([part.slice()]).stream();
  }
  const answer = await openBlob(context, repository, descriptor, options);
  if (answer.kind === "unsatisfiable") {
    throw rangeNotServed(descriptor, answer.source);
  }
  const body = answer.response.body ?? new Blob([]).stream();
  const expected = { descriptor, source: answer.source };
  if (range === undefined) return verifyStream(body, expected);
  return answer.kind === "range"
    ? sliceStream(body, { start: 0, end: range.end - range.start }, expected)
    : sliceStream(body, range, expected);
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
