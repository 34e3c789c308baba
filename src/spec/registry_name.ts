import { UsageError } from "../errors.ts";
import { quoteText } from "./escape_text.ts";
import { redactUserinfo } from "./redact_userinfo.ts";

/** Docker Hub's name in references. */
export const DEFAULT_REGISTRY = "docker.io";

/** Docker Hub's name of old, which references still carry. */
const LEGACY_REGISTRY = "index.docker.io";
const MAX_HOST_LENGTH = 253;
const HOST_AND_PORT = /^(\[[^\]]*\]|[^:]*)(?::(.*))?$/s;
const LABEL = /^[a-z0-9](?:[a-z0-9-]*[a-z0-9])?$/i;

/**
 * Parses a registry that a user typed: a host with optional port.
 *
 * @returns Its canonical form: lower case, `index.docker.io` as `docker.io`.
 * @throws {UsageError} `reference-invalid`, saying which part is wrong.
 */
export function parseRegistry(text: string): string {
  const fault = findRegistryFault(text);
  if (fault === undefined) return normalizeRegistry(text);
  throw new UsageError(
    "reference-invalid",
    `Cannot parse registry ${quoteText(redactUserinfo(text))}: it ${fault}`,
    { hint: "name a host such as registry.example.com or localhost:5000" },
  );
}

/**
 * Whether the first component of a reference is a registry: it has a dot, a
 * colon or an upper-case letter, or is `localhost`.
 */
export function isRegistryLike(component: string): boolean {
  return /[.:[\p{Lu}]/u.test(component) || component === "localhost";
}

/** Says what is wrong with a registry, to go on after its name; undefined where nothing is. */
export function findRegistryFault(text: string): string | undefined {
  const match = HOST_AND_PORT.exec(text);
  const host = match?.[1] ?? "";
  const port = match?.[2];
  if (host === "") return "has no host";
  if (host.length > MAX_HOST_LENGTH) {
    return `has a host of ${host.length} characters, more than ${MAX_HOST_LENGTH}`;
  }
  return findHostFault(host) ?? findPortFault(port);
}

/** The canonical form of a registry that has no fault. */
export function normalizeRegistry(text: string): string {
  const match = HOST_AND_PORT.exec(text);
  const host = match?.[1] ?? text;
  const port = match?.[2] === undefined ? "" : `:${Number(match[2])}`;
  if (host.startsWith("[")) return (readHost(host) ?? host) + port;
  const registry = host.toLowerCase() + port;
  if (registry === LEGACY_REGISTRY) return DEFAULT_REGISTRY;
  // `FOO/bar` names the host FOO, but `foo/bar` a repository of the default registry.
  return isRegistryLike(registry) ? registry : host + port;
}

function findHostFault(host: string): string | undefined {
  if (host.startsWith("[")) {
    return /^\[[0-9a-fA-F:]+\]$/.test(host) && readHost(host) !== undefined
      ? undefined
      : "is no IPv6 address";
  }
  if (host.includes("[") || host.includes("]")) return "has a stray bracket";
  for (const label of host.split(".")) {
    if (label === "") return "has an empty label";
    if (!LABEL.test(label)) return `has the label ${quoteText(label)}`;
  }
  // "127.1" and "0x7f.1" are addresses to a URL parser, and names to everyone else.
  const read = readHost(host);
  if (read === undefined) return "is no host name";
  return read === host.toLowerCase() ? undefined : `would be read as "${read}"`;
}

function findPortFault(port: string | undefined): string | undefined {
  if (port === undefined) return undefined;
  if (!/^[0-9]+$/.test(port)) return `has port ${quoteText(port)}, no number`;
  const number = Number(port);
  return number >= 1 && number <= 65535
    ? undefined
    : `has port ${port}, not within 1 to 65535`;
}

/** The host as `fetch` would read it. */
function readHost(host: string): string | undefined {
  return URL.parse(`https://${host}/`)?.hostname;
}
