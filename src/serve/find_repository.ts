import {
  DEFAULT_REGISTRY,
  findRegistryFault,
  isRegistryLike,
  normalizeRegistry,
} from "../spec/registry_name.ts";
import type { StoreCatalog } from "../store/store_catalog.ts";
import { RefusedError } from "./refused_error.ts";
import type { SourceRepository } from "./registry_source.ts";

/** What of the catalogue tells which repositories there are. */
export type RepositoryNames = Pick<
  StoreCatalog,
  "references" | "repositoriesNamed"
>;

/**
 * Finds the stored repository that a request means. With `?ns=` just that registry's; else the
 * one that the path names with its registry, docker.io's, or the only one with this path.
 *
 * @throws RefusedError NAME_UNKNOWN where several registries have it, and none is docker.io.
 */
export function findRepository(
  names: RepositoryNames,
  repository: SourceRepository,
): string | undefined {
  const found = candidateRepositories(repository)
    .find((candidate) => names.references(candidate).length > 0);
  if (found !== undefined || repository.namespace !== undefined) return found;
  const named = names.repositoriesNamed(repository.name);
  if (named.length <= 1) return named[0];
  throw new RefusedError(
    "NAME_UNKNOWN",
    `several registries have it, so name one: ${named.join(", ")}`,
  );
}

/** The repositories that a request may mean by its grammar alone, the likeliest first. */
function candidateRepositories(
  { name, namespace }: SourceRepository,
): readonly string[] {
  if (namespace !== undefined) {
    return findRegistryFault(namespace) === undefined
      ? [qualify(normalizeRegistry(namespace), name)]
      : [];
  }
  const slash = name.indexOf("/");
  const first = name.slice(0, Math.max(slash, 0));
  const isNamed = isRegistryLike(first) &&
    findRegistryFault(first) === undefined;
  const inHub = qualify(DEFAULT_REGISTRY, name);
  if (!isNamed) return [inHub];
  return [qualify(normalizeRegistry(first), name.slice(slash + 1)), inHub];
}

/** A repository with its registry; what Docker Hub calls official has `library/`. */
function qualify(registry: string, path: string): string {
  return registry === DEFAULT_REGISTRY && !path.includes("/")
    ? `${registry}/library/${path}`
    : `${registry}/${path}`;
}
