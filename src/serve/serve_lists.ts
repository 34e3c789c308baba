import type { Descriptor } from "../spec/descriptor.ts";
import { OCI_INDEX } from "../spec/media_type.ts";
import { registryError } from "./registry_error_document.ts";
import type { SourceRepository } from "./registry_source.ts";

/** Most entries on one page, whatever is asked for; `Link` leads to the rest. */
const MAX_ENTRIES_A_PAGE = 1000;

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
  const { name, namespace } = repository;
  return servePage(tags, query, {
    path: `/v2/${name}/tags/list`,
    more: namespace === undefined ? {} : { ns: namespace },
    bodyOf: (page) => ({ name, tags: page }),
  });
}

/** Answers with one page of all repositories. */
export function serveCatalog(
  repositories: readonly string[],
  query: URLSearchParams,
): Response {
  return servePage(repositories, query, {
    path: "/v2/_catalog",
    more: {},
    bodyOf: (page) => ({ repositories: page }),
  });
}

interface PageForm {
  readonly path: string;
  /** Parameters that the next page's address keeps. */
  readonly more: Readonly<Record<string, string>>;
  readonly bodyOf: (page: readonly string[]) => unknown;
}

function servePage(
  entries: readonly string[],
  query: URLSearchParams,
  { path, more, bodyOf }: PageForm,
): Response {
  const asked = query.get("n");
  if (asked !== null && !/^\d{1,9}$/.test(asked)) {
    return registryError("PAGINATION_NUMBER_INVALID", "n is no number of tags");
  }
  const count = Math.min(
    Number(asked ?? MAX_ENTRIES_A_PAGE),
    MAX_ENTRIES_A_PAGE,
  );
  const last = query.get("last");
  const rest = [...entries].sort(compareNames)
    .filter((entry) => last === null || compareNames(entry, last) > 0);
  const page = rest.slice(0, count);
  const end = page.at(-1);
  if (end === undefined || page.length === rest.length) {
    return Response.json(bodyOf(page));
  }
  const next = new URLSearchParams({ n: String(count), last: end, ...more });
  const headers = { Link: `<${path}?${next}>; rel="next"` };
  return Response.json(bodyOf(page), { headers });
}

/** Lexical order, which the specification explains as case-insensitive; total, so that paging loses none. */
function compareNames(a: string, b: string): number {
  const [lowerA, lowerB] = [a.toLowerCase(), b.toLowerCase()];
  if (lowerA !== lowerB) return lowerA < lowerB ? -1 : 1;
  return a < b ? -1 : Number(a > b);
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
