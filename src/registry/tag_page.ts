import { IntegrityError, OperationError } from "../errors.ts";
import { quoteText } from "../spec/escape_text.ts";
import { findJsonFault } from "../spec/scan_json.ts";
import { failureStart } from "./content_error.ts";
import { isTag } from "./tag_name.ts";

/** What a tag list is of, for messages. */
export interface TagTopic {
  readonly action: string;
  readonly what: string;
}

/**
 * Reads one page of a tag list. Entries that are no tags are left out and counted.
 *
 * @throws IntegrityError document-invalid
 */
export function parseTagPage(
  bytes: Uint8Array,
  topic: TagTopic,
): { readonly tags: readonly string[]; readonly skipped: number } {
  const text = new TextDecoder().decode(bytes);
  const fault = findJsonFault(text);
  if (fault !== undefined && "duplicateKey" in fault) {
    throw new IntegrityError(
      "document-invalid",
      `${failureStart(topic)}key ${
        quoteText(fault.duplicateKey)
      } stands twice in one object of the answer`,
    );
  }
  const listed = findTagArray(text);
  if (listed === undefined) {
    throw new IntegrityError(
      "document-invalid",
      `${failureStart(topic)}the answer is no tag list`,
    );
  }
  const tags = listed.filter((tag): tag is string =>
    typeof tag === "string" && isTag(tag)
  );
  return { tags, skipped: listed.length - tags.length };
}

/**
 * The query of the next page: the only part of a link that is used, so that
 * nothing else in it can lead elsewhere.
 *
 * @param link Target of the `Link` field, absolute or relative.
 * @param page URL of this page, without `ns`.
 * @throws OperationError protocol
 */
export function nextPageQuery(
  link: string,
  page: URL,
  topic: TagTopic,
): Readonly<Record<string, string>> {
  const next = URL.parse(link, page);
  // Not its scheme nor its path: behind proxies registries don't know their own.
  if (next === null || next.host !== page.host) {
    throw pagesFault(topic, "its next page would be at another host");
  }
  next.searchParams.delete("ns");
  const query = Object.fromEntries(next.searchParams);
  const isSame = next.searchParams.size === page.searchParams.size &&
    Object.entries(query).every(([key, value]) =>
      page.searchParams.get(key) === value
    );
  if (isSame) throw pagesFault(topic, "a page names itself as the next one");
  return query;
}

/** The error for pages that lead nowhere. */
export function pagesFault(topic: TagTopic, what: string): OperationError {
  return new OperationError("protocol", failureStart(topic) + what);
}

function findTagArray(text: string): readonly unknown[] | undefined {
  try {
    const document: unknown = JSON.parse(text);
    if (
      typeof document !== "object" || document === null || !("tags" in document)
    ) {
      return undefined;
    }
    // docker-registry says null for a repository whose tags were all deleted.
    if (document.tags === null) return [];
    return Array.isArray(document.tags) ? document.tags : undefined;
  } catch {
    return undefined;
  }
}
