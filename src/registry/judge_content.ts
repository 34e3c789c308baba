import { type DrayError, IntegrityError } from "../errors.ts";
import { readCapped } from "../http/body_reader.ts";
import { discardBody } from "../http/discard_body.ts";
import type { HttpResponse } from "../http/http_request.ts";
import { digestBytes } from "../io/hash.ts";
import { type Digest, digestAlgorithm, findDigest } from "../spec/digest.ts";
import { digestMismatch, sizeMismatch, tooLarge } from "./content_error.ts";
import { findContentLength } from "./content_length.ts";
import type { RegistryContext } from "./registry_context.ts";
import { type Subject, toRegistryError } from "./registry_error.ts";

/** What small content has to be. */
export interface WantedContent {
  /** For messages: `fetch manifest`. */
  readonly action: string;
  /** For messages: `docker.io/library/alpine:3.20`. */
  readonly what: string;
  /** What the bytes must hash to. Default: taken from the bytes. */
  readonly digest?: Digest | undefined;
  /** How many bytes there must be. Default: any number up to the limit. */
  readonly size?: number | undefined;
  /** Refuses an answer by its media type, before its body is read. */
  readonly findFault?: (contentType: string) => DrayError | undefined;
  readonly signal?: AbortSignal | undefined;
}

/** Bytes that match what was asked for, before anybody has parsed them. */
export interface VerifiedContent {
  readonly bytes: Uint8Array;
  readonly digest: Digest;
  readonly contentType: string | undefined;
}

/** What bounds the reading of small content. */
export type ContentLimits = Pick<
  RegistryContext,
  "maxDocumentBytes" | "idleTimeoutMs"
>;

/**
 * Reads an answer and checks its size and digest, of the raw bytes.
 *
 * @throws IntegrityError document-too-large, size-mismatch, digest-mismatch
 */
export async function judgeContent(
  response: HttpResponse,
  content: WantedContent,
  subject: Subject,
  limits: ContentLimits,
): Promise<VerifiedContent> {
  if (response.status !== 200) {
    throw await toRegistryError(response, subject, content.signal);
  }
  const fault = findHeaderFault(response, content, subject, limits);
  if (fault !== undefined) {
    await discardBody(response);
    throw fault;
  }
  const bytes = await readBody(response, content, subject, limits);
  if (content.size !== undefined && bytes.length !== content.size) {
    throw sizeMismatch(subject, content.size, bytes.length);
  }
  const digest = await checkDigest(bytes, response, content, subject);
  const contentType = response.headers.get("content-type") ?? undefined;
  return { bytes, digest, contentType };
}

/** What the body would be refused for, where the headers tell already. */
function findHeaderFault(
  { headers }: HttpResponse,
  content: WantedContent,
  subject: Subject,
  { maxDocumentBytes }: ContentLimits,
): DrayError | undefined {
  const fault = content.findFault?.(headers.get("content-type") ?? "");
  if (fault !== undefined) return fault;
  const length = findContentLength(headers);
  if (length === undefined) return undefined;
  if (content.size !== undefined && length !== content.size) {
    return sizeMismatch(subject, content.size, length);
  }
  return length > maxDocumentBytes
    ? tooLarge(content, maxDocumentBytes)
    : undefined;
}

async function readBody(
  response: HttpResponse,
  content: WantedContent,
  subject: Subject,
  { maxDocumentBytes, idleTimeoutMs }: ContentLimits,
): Promise<Uint8Array<ArrayBuffer>> {
  const { size = maxDocumentBytes, signal } = content;
  try {
    return await readCapped(response, size, { idleTimeoutMs, signal });
  } catch (error) {
    const isOver = error instanceof IntegrityError &&
      error.code === "document-too-large";
    if (!isOver) throw error;
    throw content.size === undefined
      ? tooLarge(content, maxDocumentBytes)
      : sizeMismatch(subject, content.size, undefined);
  }
}

async function checkDigest(
  bytes: Uint8Array<ArrayBuffer>,
  response: HttpResponse,
  content: WantedContent,
  subject: Subject,
): Promise<Digest> {
  // Of content that is pinned, the header says nothing that the pin doesn't (CVE-2025-24882).
  const expected = content.digest ??
    findDigest(response.headers.get("docker-content-digest"));
  const digest = await digestBytes(
    expected === undefined ? "sha256" : digestAlgorithm(expected),
    bytes,
  );
  if (expected === undefined || digest === expected) return digest;
  throw digestMismatch(subject, expected, digest);
}
