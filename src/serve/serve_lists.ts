import type { Descriptor } from "../spec/descriptor.ts";
import { OCI_INDEX } from "../spec/media_type.ts";
import { registryError } from "./registry_error_document.ts";
import type { SourceRepository } from "./registry_source.ts";

/** Most tags on one page, whatever is asked for; `Link` leads to the rest. */
export const MAX_TAGS_A_PAGE = 1000;

/**
 * Answers with one page of a repository's tags.
 *
 * @param tags All of them, in any order.
 * @param query Of the request: `n` and `last`.
 */
export function serveTags(
  repository: SourceRepository,
  tags: readonly string[],
  query: URLSearchParams,
): Response {
  const asked = query.get("n");
  if (asked !== null && !/^\d{1,9}$/.test(asked)) {
    return registryError("PAGINATION_NUMBER_INVALID", "n is no number of tags");
  }
  const count = Math.min(Number(asked ?? MAX_TAGS_A_PAGE), MAX_TAGS_A_PAGE);
  const last = query.get("last");
  const rest = [...tags].sort(compareTags)
    .filter((tag) => last === null || compareTags(tag, last) > 0);
  const page = rest.slice(0, count);
  const end = page.at(-1);
  const headers: Record<string, string> = end === undefined ||
      page.length === rest.length
    ? {}
    : { Link: nextLink(repository, count, end) };
  return Response.json({ name: repository.name, tags: page }, { headers });
}

/** Lexical order, which the specification explains as case-insensitive; total, so that paging loses none. */
function compareTags(a: string, b: string): number {
  const [lowerA, lowerB] = [a.toLowerCase(), b.toLowerCase()];
  if (lowerA !== lowerB) return lowerA < lowerB ? -1 : 1;
  return a < b ? -1 : Number(a > b);
}

function nextLink(
  repository: SourceRepository,
  count: number,
  last: string,
): string {
  const query = new URLSearchParams({ n: String(count), last });
  if (repository.namespace !== undefined) {
    query.set("ns", repository.namespace);
  }
  return `</v2/${repository.name}/tags/list?${query}>; rel="next"`;
}

/** Answers with an index of what refers to a digest; an empty one where nothing does. */
export function serveReferrers(
  referrers: readonly Descriptor[],
  query: URLSearchParams,
): Response {
  const type = query.get("artifactType");
  const manifests = type === null
    ? referrers
    : referrers.filter((descriptor) => descriptor.artifactType === type);
  return Response.json({ schemaVersion: 2, mediaType: OCI_INDEX, manifests }, {
    headers: {
      "Content-Type": OCI_INDEX,
      ...type === null ? {} : { "OCI-Filters-Applied": "artifactType" },
    },
  });
}
