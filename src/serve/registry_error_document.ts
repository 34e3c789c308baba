/** Status of each error code (OCI distribution specification, error codes) that the pull side gives. */
const STATUSES = {
  BLOB_UNKNOWN: 404,
  DENIED: 403,
  DIGEST_INVALID: 400,
  MANIFEST_UNKNOWN: 404,
  NAME_INVALID: 400,
  NAME_UNKNOWN: 404,
  /** Of no specification: a path outside the API. */
  NOT_FOUND: 404,
  /** These two as docker-registry calls them. */
  PAGINATION_NUMBER_INVALID: 400,
  RANGE_INVALID: 416,
  TOOMANYREQUESTS: 429,
  /** This one as well: what a mirror's upstream does not answer. */
  UNAVAILABLE: 503,
  UNKNOWN: 500,
  UNSUPPORTED: 405,
} as const;

/** A code of an error document. */
export type RegistryErrorCode = keyof typeof STATUSES;

/**
 * The answer with an error document, at the code's status.
 *
 * @param message For people; goes out as it is, so nothing internal belongs in it.
 */
export function registryError(
  code: RegistryErrorCode,
  message: string,
  headers: Readonly<Record<string, string>> = {},
): Response {
  return Response.json({ errors: [{ code, message }] }, {
    status: STATUSES[code],
    headers,
  });
}
