import {
  AuthError,
  type DrayError,
  type DrayErrorOptions,
  NotFoundError,
  OperationError,
  UnavailableError,
} from "../errors.ts";
import type { HttpResponse } from "../http/http_request.ts";
import { type ContentSubject, failureStart } from "./content_error.ts";
import { type ErrorEntry, findErrorEntry } from "./error_document.ts";
import { readPrefix } from "./read_body.ts";
import {
  explainRefusal,
  hintFor,
  quoteEntry,
  type RefusalKind,
} from "./refusal_text.ts";

/** What was being done at which registry, for the message of its failure. */
export interface Subject extends ContentSubject {
  /** Registry that `dray login` would be run for. */
  readonly registry: string;
  /** Where the credentials that were sent came from; undefined for anonymous access. */
  readonly credentialsFrom?: string | undefined;
  /** Whether it is about getting in at all rather than about a repository. Default: false. */
  readonly isLogin?: boolean;
  /** Whether the host is none of the registry's, so that no account would help. Default: false. */
  readonly isForeign?: boolean;
  /** Scheme of the URL that answered; undefined where it is not known. */
  readonly scheme?: string | undefined;
}

/** Past this an error document says nothing to a person. */
const MAX_ERROR_BYTES = 65_536;

const KIND_OF_CODE: Readonly<Record<string, RefusalKind>> = {
  BLOB_UNKNOWN: "not-found",
  DENIED: "denied",
  MANIFEST_UNKNOWN: "not-found",
  NAME_UNKNOWN: "not-found",
  NOT_FOUND: "not-found",
  TOOMANYREQUESTS: "rate-limited",
  UNAUTHORIZED: "unauthorized",
};

/**
 * Turns an answer other than the wanted one into a typed error, and ends its body.
 *
 * @param signal Ends the reading of the error document.
 */
export async function toRegistryError(
  response: HttpResponse,
  subject: Subject,
  signal?: AbortSignal,
): Promise<DrayError> {
  const entry = findErrorEntry(
    await readPrefix(response, MAX_ERROR_BYTES, signal),
  );
  const { status } = response;
  const from = URL.parse(response.url);
  const host = from?.host ?? subject.host;
  const isElsewhere = subject.isForeign === true || host !== subject.host;
  if (!isElsewhere || (status !== 401 && status !== 403)) {
    // A registry that says what is wrong in its own form does speak this protocol.
    const isOwnForm = entry !== undefined && entry.code !== "";
    const scheme = isOwnForm || isElsewhere ? undefined : from?.protocol;
    return makeRegistryError(status, entry, { ...subject, scheme });
  }
  // Storage that refuses a link which the registry signed: another link may do, an account won't help.
  return new UnavailableError(
    "server-error",
    `${
      failureStart(subject)
    }"${host}", where ${subject.registry} sends us, answers with HTTP status ${status}`,
    { details: { status, host } },
  );
}

/** The pure half of {@linkcode toRegistryError}. */
export function makeRegistryError(
  status: number,
  entry: ErrorEntry | undefined,
  subject: Subject,
): DrayError {
  const kind = kindOf(status, entry?.code ?? "");
  const message = failureStart(subject) +
    explainRefusal(kind, status, subject) + quoteEntry(entry);
  const options: DrayErrorOptions = {
    details: {
      status,
      host: subject.host,
      ...(entry === undefined || entry.code === ""
        ? {}
        : { registryCode: entry.code }),
    },
    hint: hintFor(kind, subject, status, entry),
  };
  switch (kind) {
    case "unauthorized":
    case "denied":
      return new AuthError(kind, message, options);
    case "not-found":
      return new NotFoundError(kind, message, options);
    case "rate-limited":
    case "timeout":
    case "server-error":
      return new UnavailableError(kind, message, options);
    case "protocol":
      return new OperationError(kind, message, options);
  }
}

/** What the status says for sure comes first; the registry's code settles the rest. */
function kindOf(status: number, code: string): RefusalKind {
  if (status === 401) return "unauthorized";
  if (status === 429) return "rate-limited";
  const byCode = KIND_OF_CODE[code];
  if (byCode !== undefined && status < 500) return byCode;
  if (status === 403) return "denied";
  if (status === 404 || status === 410) return "not-found";
  if (status === 408) return "timeout";
  return status >= 500 ? "server-error" : "protocol";
}
