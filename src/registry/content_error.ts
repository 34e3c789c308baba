import { IntegrityError } from "../errors.ts";
import type { Digest } from "../spec/digest.ts";
import { quoteText } from "../spec/escape_text.ts";

/** What was being fetched, and from whom, for the message of its failure. */
export interface ContentSubject {
  /** `fetch manifest`. */
  readonly action: string;
  /** `docker.io/library/alpine:3.20`. */
  readonly what: string;
  /** Who served it, where somebody did. */
  readonly host: string;
}

/** The start of every message about it: `Cannot fetch manifest "…": `. */
export function failureStart(subject: {
  readonly action: string;
  readonly what: string;
}): string {
  return `Cannot ${subject.action} ${quoteText(subject.what)}: `;
}

/** The error for content of another size than its descriptor's. */
export function sizeMismatch(
  subject: ContentSubject,
  expected: number,
  actual: number | undefined,
): IntegrityError {
  const { host } = subject;
  const found = actual ?? `more than ${expected}`;
  return new IntegrityError(
    "size-mismatch",
    `${
      failureStart(subject)
    }${host} has ${found} bytes where the descriptor says ${expected}`,
    { details: { host, expected, ...actual === undefined ? {} : { actual } } },
  );
}

/** The error for content that hashes to something else. */
export function digestMismatch(
  subject: ContentSubject,
  expected: Digest,
  actual: Digest,
): IntegrityError {
  const { host } = subject;
  return new IntegrityError(
    "digest-mismatch",
    `${
      failureStart(subject)
    }${host} serves ${actual} where ${expected} is expected`,
    { details: { host, expected, actual } },
  );
}

/** The error for a document past the limit. */
export function tooLarge(
  subject: Pick<ContentSubject, "action" | "what">,
  maxBytes: number,
): IntegrityError {
  return new IntegrityError(
    "document-too-large",
    `${
      failureStart(subject)
    }it has more than the ${maxBytes} bytes that are allowed`,
    { details: { expected: maxBytes } },
  );
}
