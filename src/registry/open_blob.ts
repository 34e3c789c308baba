import { DrayError } from "../errors.ts";
import type { ByteRange } from "../io/byte_range.ts";
import type { Descriptor } from "../spec/descriptor.ts";
import { parseDigest } from "../spec/digest.ts";
import {
  type BlobAnswer,
  readBlobAnswer,
  type WantedBlob,
} from "./blob_answer.ts";
import { blobHeaders } from "./blob_headers.ts";
import { openForeignBlob } from "./open_foreign_blob.ts";
import {
  askEndpoint,
  type CallOptions,
  type RegistryContext,
  subjectOf,
} from "./registry_context.ts";
import { type Repository, repositoryText } from "./repository_name.ts";
import { trySources, type Turn } from "./try_sources.ts";

/** Settings of one blob request. */
export interface OpenBlobOptions extends CallOptions {
  /** Bytes wanted, half-open. Default: all. */
  readonly range?: ByteRange | undefined;
  /** Of an earlier answer: a source whose content changed since answers with the whole. */
  readonly etag?: string | undefined;
  /** Hosts that failed in the middle of this blob: passed over while there is another. */
  readonly avoid?: ReadonlySet<string> | undefined;
}

/**
 * Asks for a blob, or a range of it: one request to each source until one
 * answers, and to the URLs of foreign content when none does.
 */
export async function openBlob(
  context: RegistryContext,
  repository: Repository,
  descriptor: Descriptor,
  options: OpenBlobOptions = {},
): Promise<BlobAnswer> {
  // Also of a caller's own descriptor: what isn't a digest must not reach a URL.
  const digest = parseDigest(descriptor.digest);
  const { range, avoid, signal, onRetry } = options;
  const wanted: WantedBlob = { size: descriptor.size, range, signal };
  const topic = {
    action: "fetch blob",
    what: `${repositoryText(repository)}@${digest}`,
  };
  const ask = async (turn: Turn): Promise<BlobAnswer> => {
    const response = await askEndpoint(context, turn, repository, {
      path: `blobs/${digest}`,
      headers: blobHeaders(options, turn.isOnly),
      expectedBytes: descriptor.size,
      signal,
      onRetry,
    });
    const subject = subjectOf(context, turn.endpoint, repository, topic);
    return await readBlobAnswer(response, wanted, subject);
  };
  try {
    return await trySources(context, repository, {
      needs: "pull",
      avoid,
      signal,
    }, ask);
  } catch (error) {
    signal?.throwIfAborted();
    const { urls } = descriptor;
    if (
      urls === undefined || urls.length === 0 || !(error instanceof DrayError)
    ) throw error;
    return await openForeignBlob(context, repository, {
      urls,
      topic,
      wanted,
      options,
      cause: error,
    });
  }
}
