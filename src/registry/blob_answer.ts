import { type DrayError, UnavailableError } from "../errors.ts";
import { findContentRange } from "../http/content_range.ts";
import { discardBody } from "../http/discard_body.ts";
import type { HttpResponse } from "../http/http_request.ts";
import type { ByteRange } from "../io/byte_range.ts";
import { failureStart, sizeMismatch } from "./content_error.ts";
import { findContentLength } from "./content_length.ts";
import { type Subject, toRegistryError } from "./registry_error.ts";

/** A blob's bytes, or a part of them, as one source answers. The body is not verified yet. */
export type BlobAnswer =
  | {
    /** The whole blob (200), also where a range was asked for. */
    readonly kind: "whole";
    /** `Content-Length`, equal to the descriptor's size where given. */
    readonly size?: number;
    readonly etag?: string;
    /** Host that was asked. */
    readonly source: string;
    readonly response: HttpResponse;
  }
  | {
    /** Exactly the range that was asked for (206). */
    readonly kind: "range";
    readonly range: ByteRange;
    readonly etag?: string;
    readonly source: string;
    readonly response: HttpResponse;
  }
  | {
    /** The source has no such range (416). */
    readonly kind: "unsatisfiable";
    readonly source: string;
  };

/** What was asked for. */
export interface WantedBlob {
  /** Of the whole blob, in bytes. */
  readonly size: number;
  readonly range?: ByteRange | undefined;
  readonly signal?: AbortSignal | undefined;
}

/**
 * Judges an answer by its headers; its body is ended where it isn't wanted.
 *
 * @throws IntegrityError size-mismatch, when the source has another size
 * @throws UnavailableError server-error, when it sends another range
 */
export async function readBlobAnswer(
  response: HttpResponse,
  wanted: WantedBlob,
  subject: Subject,
): Promise<BlobAnswer> {
  const { range, size } = wanted;
  const { status, headers } = response;
  const found = headers.get("etag");
  const common = {
    ...(found === null ? {} : { etag: found }),
    source: subject.host,
    response,
  };
  if (status === 200) {
    const length = findContentLength(headers);
    if (length === undefined) return { kind: "whole", ...common };
    if (length === size) return { kind: "whole", size, ...common };
    throw await refuse(response, sizeMismatch(subject, size, length));
  }
  if (status === 206 && range !== undefined) {
    const fault = findRangeFault(headers, range, size, subject);
    if (fault === undefined) return { kind: "range", range, ...common };
    throw await refuse(response, fault);
  }
  if (status === 416 && range !== undefined) {
    await discardBody(response);
    return { kind: "unsatisfiable", source: subject.host };
  }
  throw await toRegistryError(response, subject, wanted.signal);
}

/** A 206 must be the bytes that were asked for, all of them, of a blob of the right size. */
function findRangeFault(
  headers: Headers,
  wanted: ByteRange,
  size: number,
  subject: Subject,
): DrayError | undefined {
  const given = findContentRange(headers.get("content-range"));
  if (given?.total !== undefined && given.total !== size) {
    return sizeMismatch(subject, size, given.total);
  }
  const count = wanted.end - wanted.start;
  const isExact = given?.start === wanted.start && given.end === wanted.end &&
    (findContentLength(headers) ?? count) === count;
  if (isExact) return undefined;
  const { host } = subject;
  return new UnavailableError(
    "server-error",
    `${
      failureStart(subject)
    }${host} answers with other bytes than the range asked for`,
    { details: { host, status: 206 } },
  );
}

async function refuse(
  response: HttpResponse,
  error: DrayError,
): Promise<DrayError> {
  await discardBody(response);
  return error;
}
