import type { NetworkSettings } from "../../app.ts";
import { classifyHost } from "../../http/host_address.ts";
import type { LogEntry } from "../../http/log.ts";
import { chooseProxy } from "../../http/proxy.ts";
import { apiHost, type Endpoint } from "../../registry/endpoint.ts";
import { describeRateLimit } from "../describe_rate_limit.ts";
import type { Environment } from "../environment.ts";
import type { ExplainedHost, Fact } from "./explanation.ts";
import type { NetworkRecord } from "./network_record.ts";

/** What {@linkcode explainHost} looks at. */
export interface HostFacts {
  readonly settings: NetworkSettings;
  readonly environment: Environment;
  readonly record: NetworkRecord;
}

/** Why a host is asked, and how it is reached. */
export function explainHost(
  endpoint: Endpoint,
  facts: HostFacts,
): ExplainedHost {
  const { base, isMirror, origin, name } = endpoint;
  const exchanges = facts.record.exchanges.filter(({ url }) =>
    hostOf(url) === base.host
  );
  const limit = facts.record.rateLimits.get(name);
  const spoken = spokenBase(base, exchanges);
  return {
    role: isMirror ? "mirror" : "registry",
    url: spoken.href,
    why: origin ?? apiHostReason(name),
    protocol: explainProtocol(endpoint, spoken, facts),
    proxy: explainProxy(spoken, facts),
    credentials: explainCredentials(endpoint, exchanges, facts),
    answer: describeAnswer(exchanges.at(-1)),
    ...(limit === undefined ? {} : { rateLimit: describeRateLimit(limit) }),
  };
}

function apiHostReason(name: string): string {
  return apiHost(name) === name
    ? "the registry itself"
    : `the registry itself: the API of ${name}`;
}

/** What was asked in the end: HTTP on this machine, where nothing speaks TLS. */
function spokenBase(base: URL, exchanges: readonly LogEntry[]): URL {
  const last = URL.parse(exchanges.at(-1)?.url ?? "");
  return last === null ? base : new URL(base.pathname, last);
}

function explainProtocol(
  endpoint: Endpoint,
  spoken: URL,
  { settings, environment }: HostFacts,
): Fact {
  const { tls, name } = endpoint;
  if (spoken.protocol === "http:") {
    return { value: "HTTP", why: plainReason(endpoint, settings) };
  }
  if (settings.insecureRegistries.includes(name) || tls?.insecure === true) {
    const why = tls?.insecure === true ? endpoint.origin ?? "" : "--insecure";
    return { value: "HTTPS, any certificate", why };
  }
  const roots = [
    "built-in roots",
    ...settings.caFiles.map((file) =>
      file === environment.SSL_CERT_FILE ? `SSL_CERT_FILE ${file}` : file
    ),
    ...(tls?.caCerts === undefined ? [] : [`roots of ${endpoint.origin}`]),
  ];
  const client = tls?.cert === undefined ? "" : ", a client certificate";
  return { value: "HTTPS", why: `trusts ${roots.join(", ")}${client}` };
}

function plainReason(
  { base, name, origin }: Endpoint,
  { plainHttpRegistries }: NetworkSettings,
): string {
  if (base.protocol === "http:") return origin ?? "";
  return plainHttpRegistries.includes(name)
    ? "--plain-http"
    : "on this machine, and it speaks no TLS";
}

function explainProxy(
  url: URL,
  { settings, environment }: HostFacts,
): Fact {
  const isPlain = url.protocol === "http:";
  const variables = isPlain
    ? ["http_proxy", "HTTP_PROXY"] as const
    : ["https_proxy", "HTTPS_PROXY"] as const;
  const variable = variables.find((one) => environment[one] !== undefined);
  if (variable === undefined) {
    return { value: "none", why: `${variables[1]} is not set` };
  }
  const proxy = chooseProxy(url, settings.proxy);
  if (proxy !== undefined) return { value: proxy.url, why: variable };
  const isLoopback = classifyHost(url.hostname) === "loopback";
  const why = isLoopback ? "it is on this machine" : "NO_PROXY";
  return { value: "none", why };
}

function explainCredentials(
  { name }: Endpoint,
  exchanges: readonly LogEntry[],
  { record }: HostFacts,
): Fact {
  const lookup = record.lookups.get(name);
  if (lookup?.origin !== undefined) {
    return { value: "found", why: lookup.origin };
  }
  if (lookup !== undefined) {
    return { value: "anonymous", why: `nothing is kept for ${name}` };
  }
  const answered = exchanges.some(({ status }) => status !== undefined);
  const why = answered ? "it asked for none" : "nobody asked for any";
  return { value: "none", why };
}

function describeAnswer(last: LogEntry | undefined): string {
  if (last === undefined) return "not asked";
  const { method, status, error, durationMs } = last;
  const outcome = status ?? error ?? "no answer";
  return `${method} ${outcome} in ${Math.round(durationMs)} ms`;
}

function hostOf(url: string): string {
  const parsed = URL.parse(url);
  // A port that is HTTPS's own is spoken to in plain HTTP, on loopback.
  return parsed?.host.replace(/:443$/, "") ?? "";
}
