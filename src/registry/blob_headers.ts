import { formatRange } from "../http/content_range.ts";
import type { ByteRange } from "../io/byte_range.ts";

/** Which bytes of which version are wanted. */
export interface BlobCondition {
  /** Default: all. */
  readonly range?: ByteRange | undefined;
  /** ETag of an earlier answer. */
  readonly etag?: string | undefined;
}

/**
 * The headers that ask for a blob.
 *
 * @param isOnly Whether nobody else may be asked: an ETag is one source's, and means nothing to another.
 */
export function blobHeaders(
  { range, etag }: BlobCondition,
  isOnly: boolean,
): Readonly<Record<string, string>> {
  if (range === undefined) return { accept: "*/*" };
  const headers = { accept: "*/*", range: formatRange(range) };
  return isOnly && isStrong(etag) ? { ...headers, "if-range": etag } : headers;
}

/** Weak validators say nothing about bytes (RFC 9110, 13.1.5). */
function isStrong(etag: string | undefined): etag is string {
  return etag !== undefined && /^"[\x21\x23-\x7e]*"$/.test(etag);
}
