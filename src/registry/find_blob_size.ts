import { discardBody } from "../http/discard_body.ts";
import type { Digest } from "../spec/digest.ts";
import { findContentLength } from "./content_length.ts";
import {
  askEndpoint,
  type CallOptions,
  type RegistryContext,
  subjectOf,
} from "./registry_context.ts";
import { type Repository, repositoryText } from "./repository_name.ts";
import { trySources } from "./try_sources.ts";

/**
 * Asks for the size of a blob that no manifest at hand tells of: by HEAD.
 *
 * @returns in bytes; undefined where the registry doesn't say.
 * @throws NotFoundError where the repository doesn't have it.
 */
export function findBlobSize(
  context: RegistryContext,
  repository: Repository,
  digest: Digest,
  options: CallOptions = {},
): Promise<number | undefined> {
  const topic = {
    action: "find blob",
    what: `${repositoryText(repository)}@${digest}`,
  };
  const choice = { needs: "pull", signal: options.signal } as const;
  return trySources(context, repository, choice, async (turn) => {
    const response = await askEndpoint(context, turn, repository, {
      ...options,
      method: "HEAD",
      path: `blobs/${digest}`,
    });
    await discardBody(response);
    if (response.ok) return findContentLength(response.headers);
    const subject = subjectOf(context, turn.endpoint, repository, topic);
    const { toRegistryError } = await import("./registry_error.ts");
    throw await toRegistryError(response, subject, options.signal);
  });
}
