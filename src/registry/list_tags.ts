import { readCapped } from "../http/body_reader.ts";
import { findNextLink } from "../http/link_header.ts";
import type { HttpResponse } from "../http/http_request.ts";
import { endpointUrl } from "./endpoint.ts";
import {
  askEndpoint,
  type CallOptions,
  type RegistryContext,
  subjectOf,
} from "./registry_context.ts";
import { toRegistryError } from "./registry_error.ts";
import { type Repository, repositoryText } from "./repository_name.ts";
import { nextPageQuery, pagesFault, parseTagPage } from "./tag_page.ts";
import type { Turn } from "./try_sources.ts";

/** Settings of {@linkcode listTags}. */
export interface ListTagsOptions extends CallOptions {
  /** Tags to ask for at a time; a registry may give fewer. Default 1,000. */
  readonly pageSize?: number | undefined;
  /** Tags in all, past which it is an error. Default 1,000,000. */
  readonly maxTags?: number | undefined;
}

type Query = Readonly<Record<string, string>>;

const DEFAULT_PAGE_SIZE = 1_000;
const DEFAULT_MAX_TAGS = 1_000_000;
const MAX_PAGES = 10_000;
/** Registries that ignore the page size answer with all tags at once. */
const MAX_PAGE_BYTES = 16 * 1024 * 1024;

/**
 * Lists the tags of a repository, in the registry's order, page after page.
 * Only the registry itself is asked: a mirror knows those that it has cached.
 *
 * @throws OperationError protocol, when there is no end to the pages
 */
export async function* listTags(
  context: RegistryContext,
  repository: Repository,
  options: ListTagsOptions = {},
): AsyncGenerator<string, void, undefined> {
  const { pageSize = DEFAULT_PAGE_SIZE, maxTags = DEFAULT_MAX_TAGS } = options;
  const pages = new TagPages(context, repository, options);
  let count = 0;
  let query: Query | undefined = { n: String(pageSize) };
  for (let page = 0; query !== undefined; page++) {
    if (page === MAX_PAGES) {
      throw pagesFault(pages.topic, `it has more than ${MAX_PAGES} pages`);
    }
    const { tags, next }: TagPage = await pages.load(query);
    count += tags.length;
    if (count > maxTags) {
      throw pagesFault(pages.topic, `it has more than ${maxTags} tags`);
    }
    yield* tags;
    query = next;
  }
}

interface TagPage {
  readonly tags: readonly string[];
  readonly next: Query | undefined;
}

class TagPages {
  readonly topic: { readonly action: string; readonly what: string };
  readonly #context: RegistryContext;
  readonly #repository: Repository;
  readonly #options: CallOptions;

  constructor(
    context: RegistryContext,
    repository: Repository,
    options: CallOptions,
  ) {
    this.topic = { action: "list tags of", what: repositoryText(repository) };
    this.#context = context;
    this.#repository = repository;
    this.#options = options;
  }

  async load(query: Query): Promise<TagPage> {
    const { signal, onRetry } = this.#options;
    const turn = await this.#origin();
    const response = await askEndpoint(this.#context, turn, this.#repository, {
      path: "tags/list",
      query,
      headers: { accept: "application/json" },
      signal,
      onRetry,
    });
    const subject = subjectOf(
      this.#context,
      turn.endpoint,
      this.#repository,
      this.topic,
    );
    if (response.status !== 200) {
      throw await toRegistryError(response, subject, signal);
    }
    const bytes = await readCapped(response, MAX_PAGE_BYTES, {
      idleTimeoutMs: this.#context.idleTimeoutMs,
      signal,
    });
    const { tags, skipped } = parseTagPage(bytes, this.topic);
    if (skipped > 0) {
      const { what } = this.topic;
      this.#context.warn(
        `Left out ${skipped} entries of the tags of "${what}": they are no tags`,
      );
    }
    return { tags, next: this.#next(response, turn, query) };
  }

  #next(
    response: HttpResponse,
    { endpoint }: Turn,
    query: Query,
  ): Query | undefined {
    const link = findNextLink(response.headers.get("link"));
    if (link === undefined) return undefined;
    const { namespace: _, ...plain } = endpoint;
    const page = endpointUrl(
      plain,
      `${this.#repository.repository}/tags/list`,
      query,
    );
    return nextPageQuery(link, page, this.topic);
  }

  async #origin(): Promise<Turn> {
    const endpoint =
      (await this.#context.endpointsOf(this.#repository.registry)).at(-1);
    if (endpoint === undefined) {
      throw new RangeError("A registry has no endpoint");
    }
    return { endpoint, hasNext: false, isOnly: true };
  }
}
