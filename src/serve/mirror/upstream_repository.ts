import {
  DEFAULT_REGISTRY,
  findRegistryFault,
  normalizeRegistry,
} from "../../spec/registry_name.ts";
import type { SourceRepository } from "../registry_source.ts";
import type { UpstreamRepository } from "./upstream.ts";

/**
 * Which of upstream's repositories a request means; undefined where it is about another
 * registry. The path may begin with upstream's name.
 *
 * @param upstream In its canonical form: `docker.io`.
 */
export function findUpstreamRepository(
  upstream: string,
  { name, namespace }: SourceRepository,
): UpstreamRepository | undefined {
  if (namespace !== undefined) {
    const isOurs = findRegistryFault(namespace) === undefined &&
      normalizeRegistry(namespace) === upstream;
    return isOurs ? withLibrary(upstream, name) : undefined;
  }
  const prefix = `${upstream}/`;
  const path = name.startsWith(prefix) ? name.slice(prefix.length) : name;
  return withLibrary(upstream, path);
}

/** What Docker Hub calls official stands in `library/`. */
function withLibrary(registry: string, path: string): UpstreamRepository {
  const isOfficial = registry === DEFAULT_REGISTRY && !path.includes("/");
  return { registry, repository: isOfficial ? `library/${path}` : path };
}

/** Its name with the registry: `docker.io/library/alpine`. */
export function canonicalName(
  { registry, repository }: UpstreamRepository,
): string {
  return `${registry}/${repository}`;
}

/** As the store's source is asked for it, whatever the request's path was. */
export function storedName(
  { registry, repository }: UpstreamRepository,
): SourceRepository {
  return { name: repository, namespace: registry };
}
