import { AuthError } from "../errors.ts";
import { classifyHost } from "../http/host_address.ts";
import { quoteText } from "../spec/escape_text.ts";

/** How a realm is screened. */
export interface RealmOptions {
  /** Accept a realm at a private or loopback address, whatever the registry. Default false. */
  readonly allowPrivateRealms?: boolean;
}

/**
 * Screens the token service that a registry names: a realm is a URL that a
 * stranger has us open, maybe with a password (CVE-2026-48978).
 *
 * @param realm As the challenge says it.
 * @param registry URL that the challenge came from.
 * @throws AuthError denied
 */
export function parseRealm(
  realm: string,
  registry: URL,
  options: RealmOptions = {},
): URL {
  const url = URL.parse(realm);
  const fault = url === null
    ? "it is no URL"
    : findRealmFault(url, registry, options);
  if (url !== null && fault === undefined) return url;
  // A realm may hold a password, and says nothing more to a person than its host.
  const shown = url === null
    ? ""
    : ` ${quoteText(`${url.protocol}//${url.host}`)}`;
  throw new AuthError(
    "denied",
    `Cannot log in to "${registry.host}": it names the token service${shown}, and ${fault}`,
    { details: { host: registry.host } },
  );
}

function findRealmFault(
  url: URL,
  registry: URL,
  options: RealmOptions,
): string | undefined {
  if (url.protocol !== "https:" && url.protocol !== "http:") {
    return "it is neither an https nor an http URL";
  }
  if (url.username !== "" || url.password !== "") return "it has a user in it";
  if (url.protocol === "http:" && registry.protocol !== "http:") {
    return "it would be asked without TLS";
  }
  if (leavesLoopbackInClear(url, registry)) {
    return "it would be asked without TLS, outside this machine";
  }
  if (
    url.hostname === registry.hostname || options.allowPrivateRealms === true
  ) return undefined;
  return isNeighbour(url.hostname, registry.hostname)
    ? undefined
    : "its address is one of an internal network";
}

/** That a registry on this machine is asked over plain HTTP says nothing for other hosts. */
function leavesLoopbackInClear(realm: URL, registry: URL): boolean {
  return realm.protocol === "http:" &&
    classifyHost(registry.hostname) === "loopback" &&
    classifyHost(realm.hostname) !== "loopback";
}

/** Whether a realm is as far out, or as far in, as its registry; where clouds hand out secrets nothing is. */
function isNeighbour(realm: string, registry: string): boolean {
  const kind = classifyHost(realm);
  if (kind === "name" || kind === "public") return true;
  return kind !== "link-local" && kind === classifyHost(registry);
}
