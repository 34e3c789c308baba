import { configError, type ConfigPlace } from "./config_error.ts";
import type { Capability } from "./endpoint.ts";
import { HostFields } from "./host_fields.ts";
import { type ParseToml, readToml } from "./read_toml.ts";

/** One server of a `hosts.toml`, as the file says it; paths are not read yet. */
export interface HostEntry {
  /** Base of the API with a slash at its end; undefined for the registry itself. */
  readonly base: URL | undefined;
  readonly capabilities: ReadonlySet<Capability>;
  /** Paths of PEM files, relative ones to the file's folder. */
  readonly ca: readonly string[];
  readonly client: { readonly cert: string; readonly key: string } | undefined;
  readonly skipVerify: boolean;
  /** `dial_timeout`. */
  readonly connectTimeoutMs?: number;
  /** Names in lower case. */
  readonly headers: Readonly<Record<string, string>>;
}

/** A parsed `hosts.toml`. */
export interface HostsFile {
  /** The mirrors, in the order to ask. */
  readonly mirrors: readonly HostEntry[];
  /** The registry itself, asked last. */
  readonly server: HostEntry;
  /** What is in the file and means nothing here, one a message. */
  readonly warnings: readonly string[];
}

const HOST_KEYS = [
  "capabilities",
  "ca",
  "client",
  "dial_timeout",
  "header",
  "override_path",
  "skip_verify",
];
const ROOT_KEYS = [...HOST_KEYS, "server", "host"];

/**
 * Parses containerd's `hosts.toml`
 * (https://github.com/containerd/containerd/blob/main/docs/hosts.md).
 *
 * @param where Path, for messages.
 * @param parseToml Loaded by the caller, since most machines have no such file.
 * @throws UsageError config-invalid, naming line and key
 */
export function parseHostsToml(
  text: string,
  where: string,
  parseToml: ParseToml,
): HostsFile {
  const root = new HostFields(readToml(text, where, parseToml), {
    text,
    where,
    path: [],
  });
  const hosts = root.tables("host").map(([key, table]) => ({
    key,
    fields: new HostFields(table, { text, where, path: ["host", key] }),
  }));
  const server = root.text("server");
  return {
    mirrors: hosts.map(({ key, fields }) =>
      readEntry(fields, key, fields.place())
    ),
    server: readEntry(root, server, root.place("server")),
    warnings: [
      ...root.warnOfOthers(ROOT_KEYS),
      ...hosts.flatMap(({ fields }) => fields.warnOfOthers(HOST_KEYS)),
    ],
  };
}

function readEntry(
  fields: HostFields,
  url: string | undefined,
  place: ConfigPlace,
): HostEntry {
  const overridePath = fields.flag("override_path");
  const connectTimeoutMs = fields.durationMs("dial_timeout");
  return {
    base: url === undefined ? undefined : parseBase(url, overridePath, place),
    capabilities: readCapabilities(fields),
    ca: fields.texts("ca"),
    client: fields.clientPair("client"),
    skipVerify: fields.flag("skip_verify"),
    headers: fields.headers("header"),
    ...(connectTimeoutMs === undefined ? {} : { connectTimeoutMs }),
  };
}

/** `https` unless it says otherwise; `/v2` at its end unless the path is overridden. */
function parseBase(
  text: string,
  overridePath: boolean,
  place: ConfigPlace,
): URL {
  const url = URL.parse(
    /^[a-z][a-z0-9+.-]*:\/\//i.test(text) ? text : `https://${text}`,
  );
  if (url === null || (url.protocol !== "https:" && url.protocol !== "http:")) {
    throw configError(place, "is neither a host nor an http(s) URL");
  }
  if (url.username !== "" || url.password !== "") {
    throw configError(place, "has a user in its URL");
  }
  if (url.search !== "" || url.hash !== "") {
    throw configError(place, "has a query in its URL");
  }
  const path = url.pathname.replace(/\/+$/, "");
  const complete = overridePath || path.endsWith("/v2");
  url.pathname = `${complete ? path : `${path}/v2`}/`;
  return url;
}

function readCapabilities(fields: HostFields): ReadonlySet<Capability> {
  const named = fields.optionalTexts("capabilities");
  if (named === undefined) return new Set(["pull", "resolve"]);
  const known = new Set(["pull", "resolve", "push", "dialer"]);
  const wrong = named.find((name) => !known.has(name));
  if (wrong !== undefined) {
    throw configError(
      fields.place("capabilities"),
      `has "${wrong}", not one of pull, resolve, push`,
    );
  }
  return new Set(
    named.filter((name): name is Capability =>
      name === "pull" || name === "resolve"
    ),
  );
}
