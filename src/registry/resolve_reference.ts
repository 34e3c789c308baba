import { discardBody } from "../http/discard_body.ts";
import type { HttpResponse } from "../http/http_request.ts";
import type { Descriptor } from "../spec/descriptor.ts";
import { type Digest, findDigest } from "../spec/digest.ts";
import {
  ACCEPT_DOCUMENTS,
  baseMediaType,
  isIndexType,
  isManifestType,
} from "../spec/media_type.ts";
import type { ImageReference } from "../spec/reference.ts";
import { findContentLength } from "./content_length.ts";
import { type Target, toTarget } from "./target.ts";
import {
  askEndpoint,
  type CallOptions,
  type RegistryContext,
  subjectOf,
} from "./registry_context.ts";
import { trySources } from "./try_sources.ts";

/**
 * Finds what a reference points to: by HEAD, which Docker Hub doesn't count
 * as a pull, and by GET where HEAD doesn't say all of it.
 */
export async function resolveReference(
  context: RegistryContext,
  reference: ImageReference | string,
  options: CallOptions = {},
): Promise<Descriptor> {
  const target = toTarget(reference);
  const found = await headDescriptor(context, target, options);
  if (found !== undefined) return found;
  const { fetchDocument } = await import("./fetch_document.ts");
  return (await fetchDocument(context, reference, options)).descriptor;
}

function headDescriptor(
  context: RegistryContext,
  target: Target,
  options: CallOptions,
): Promise<Descriptor | undefined> {
  const { repository, digest } = target;
  const choice = {
    needs: digest === undefined ? "resolve" : "pull",
    signal: options.signal,
  } as const;
  return trySources(context, repository, choice, async (turn) => {
    const response = await askEndpoint(context, turn, repository, {
      ...options,
      method: "HEAD",
      path: `manifests/${target.selector}`,
      headers: { accept: ACCEPT_DOCUMENTS },
    });
    await discardBody(response);
    if (response.ok) return findHeadDescriptor(response, digest);
    if (!isFinal(response.status) && !turn.hasNext) return undefined;
    const topic = { action: "resolve", what: target.text };
    const subject = subjectOf(context, turn.endpoint, repository, topic);
    const { toRegistryError } = await import("./registry_error.ts");
    throw await toRegistryError(response, subject, options.signal);
  });
}

/** Statuses that a GET wouldn't change; for the others it brings the registry's own words, or an answer. */
function isFinal(status: number): boolean {
  return status === 401 || status === 403 || status === 429 || status >= 500;
}

/** The descriptor that a HEAD's headers make, where they are all there and sound. */
function findHeadDescriptor(
  response: HttpResponse,
  wanted: Digest | undefined,
): Descriptor | undefined {
  const digest = findDigest(response.headers.get("docker-content-digest"));
  const size = findContentLength(response.headers);
  const mediaType = baseMediaType(response.headers.get("content-type") ?? "");
  if (digest === undefined || size === undefined || size === 0) {
    return undefined;
  }
  if (wanted !== undefined && wanted !== digest) return undefined;
  if (!isIndexType(mediaType) && !isManifestType(mediaType)) return undefined;
  return { mediaType, digest, size };
}
