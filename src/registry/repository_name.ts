import { UsageError } from "../errors.ts";
import { quoteText } from "../spec/escape_text.ts";
import { parseReference } from "../spec/reference.ts";
import { findRegistryFault } from "../spec/registry_name.ts";
import { findRepositoryFault } from "../spec/repository_name.ts";

/** A repository: text as in a reference (`docker.io/library/alpine`, `alpine`), or its two parts. */
export type RepositoryName =
  | string
  | { readonly registry: string; readonly repository: string };

/** The two parts of a {@linkcode RepositoryName}, checked. */
export interface Repository {
  readonly registry: string;
  readonly repository: string;
}

/**
 * Checks a repository before it becomes part of a URL: a caller of the library
 * may hand in two parts that no parser has seen.
 *
 * @param name Text as in a reference, or registry and repository.
 * @throws UsageError reference-invalid
 */
export function toRepository(name: RepositoryName): Repository {
  const { registry, repository } = typeof name === "string"
    ? parseReference(name)
    : name;
  const fault = findRegistryFault(registry) ?? findRepositoryFault(repository);
  if (fault === undefined) return { registry, repository };
  throw new UsageError(
    "reference-invalid",
    `Cannot use repository ${
      quoteText(`${registry}/${repository}`)
    }: it ${fault}`,
  );
}

/** `registry/repository`, for messages. */
export function repositoryText(repository: Repository): string {
  return `${repository.registry}/${repository.repository}`;
}
