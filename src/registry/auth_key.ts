/** Docker's own key for Docker Hub in `auths`, and the server URL that helpers know it by. */
export const DOCKER_HUB_KEY = "https://index.docker.io/v1/";

const HUB_NAMES: ReadonlySet<string> = new Set([
  "docker.io",
  "index.docker.io",
  "registry-1.docker.io",
]);

/**
 * The registry, or registry and path, that a key of `auths` or `credHelpers`
 * is for; undefined for a key that is for neither.
 *
 * Keys are hosts (`quay.io`), URLs as docker wrote them
 * (`https://index.docker.io/v1/`), or paths (`quay.io/team/app`, containers
 * and crane).
 */
export function findKeyTarget(key: string): string | undefined {
  const url = /^https?:\/\/([^/?#@\s]+)(\/[^?#\s]*)?$/i.exec(key);
  if (url !== null) {
    const path = url[2] ?? "/";
    // Docker Desktop keeps more under such keys: `https://index.docker.io/v1/access-token`.
    return /^\/(?:v[12]\/?)?$/.test(path)
      ? normalizeHost(url[1] ?? "")
      : undefined;
  }
  const bare = key.replace(/\/v[12]\/$/, "");
  const slash = bare.indexOf("/");
  if (bare === "" || /[\s?#@:]/.test(slash < 0 ? "" : bare.slice(slash))) {
    return undefined;
  }
  return slash < 0 ? normalizeHost(bare) : normalizeHost(bare.slice(0, slash)) +
    bare.slice(slash).replace(/\/+$/, "");
}

/** The names that a registry's credentials may be kept under are one name here. */
export function normalizeHost(host: string): string {
  const lower = host.toLowerCase();
  return HUB_NAMES.has(lower) ? "docker.io" : lower;
}

/**
 * The keys that hold for a repository: those with the longest path first, and
 * among equals as they are listed.
 *
 * @param keys As written in a file.
 * @param repository May be empty: only keys of the registry itself.
 */
export function matchKeys(
  keys: Iterable<string>,
  registry: string,
  repository: string,
): readonly string[] {
  const host = normalizeHost(registry);
  const whole = repository === "" ? host : `${host}/${repository}`;
  const matches: { readonly key: string; readonly length: number }[] = [];
  for (const key of keys) {
    const target = findKeyTarget(key);
    if (target === undefined) continue;
    if (whole === target || whole.startsWith(`${target}/`)) {
      matches.push({ key, length: target.length });
    }
  }
  return matches.sort((a, b) => b.length - a.length).map(({ key }) => key);
}
