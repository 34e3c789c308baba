import { UnavailableError } from "../errors.ts";
import type { HttpResponse } from "../http/http_request.ts";
import { tooLarge } from "./content_error.ts";
import type { Capability } from "./endpoint.ts";
import {
  judgeContent,
  type VerifiedContent,
  type WantedContent,
} from "./judge_content.ts";
import {
  askEndpoint,
  type CallOptions,
  type RegistryContext,
  subjectOf,
} from "./registry_context.ts";
import type { Repository } from "./repository_name.ts";
import { trySources, type Turn } from "./try_sources.ts";

/** Something small to fetch whole: a manifest, an index, a config. */
export interface SmallContent extends CallOptions, WantedContent {
  /** Below the repository: `manifests/latest`. */
  readonly path: string;
  readonly accept: string;
  readonly needs: Capability;
}

/** A body that breaks off is asked for again this often; headers are the transport's business. */
const MAX_BODY_ATTEMPTS = 3;

/**
 * Fetches small content and checks size and digest of the raw bytes. A mirror
 * that serves something else is passed over.
 *
 * @throws IntegrityError document-too-large, size-mismatch, digest-mismatch
 */
export async function fetchVerified(
  context: RegistryContext,
  repository: Repository,
  content: SmallContent,
): Promise<VerifiedContent> {
  if ((content.size ?? 0) > context.maxDocumentBytes) {
    throw tooLarge(content, context.maxDocumentBytes);
  }
  return await trySources(context, repository, content, async (turn) => {
    for (let attempt = 1;; attempt++) {
      const response = await askFor(context, turn, repository, content);
      // Only now: which credentials were sent is known after the answer.
      const subject = subjectOf(context, turn.endpoint, repository, content);
      try {
        return await judgeContent(
          response,
          content,
          subject,
          context,
        );
      } catch (error) {
        const isBroken = error instanceof UnavailableError &&
          response.status === 200;
        if (!isBroken || attempt === MAX_BODY_ATTEMPTS) throw error;
      }
    }
  });
}

function askFor(
  context: RegistryContext,
  turn: Turn,
  repository: Repository,
  content: SmallContent,
): Promise<HttpResponse> {
  const { path, accept, size, signal, onRetry } = content;
  return askEndpoint(context, turn, repository, {
    path,
    headers: { accept },
    expectedBytes: size,
    signal,
    onRetry,
  });
}
