import { escapeText } from "../spec/escape_text.ts";
import type { ErrorEntry } from "./error_document.ts";

/** Codes of the errors that a registry's answers become. */
export type RefusalKind =
  | "unauthorized"
  | "denied"
  | "not-found"
  | "rate-limited"
  | "timeout"
  | "server-error"
  | "protocol";

/** Whom the text is about. */
export interface Refusal {
  readonly host: string;
  readonly registry: string;
  readonly credentialsFrom?: string | undefined;
  readonly isLogin?: boolean;
  /** Scheme of the URL that answered; undefined where it is not known. */
  readonly scheme?: string | undefined;
  /** What was asked for: `docker.io/library/alpine:3.20`. */
  readonly what: string;
}

/** Why an answer is no success, in words that go on after a colon. */
export function explainRefusal(
  kind: RefusalKind,
  status: number,
  { host, credentialsFrom, isLogin = false }: Refusal,
): string {
  switch (kind) {
    case "unauthorized":
      if (credentialsFrom === undefined) {
        // Docker Hub answers so for what isn't there as well.
        return isLogin
          ? `${host} lets nobody in without logging in`
          : `not found or no access: ${host} wants a login for it`;
      }
      return `${host} refuses the credentials from ${credentialsFrom}` +
        (isLogin ? "" : ", or has no such repository");
    case "denied":
      return credentialsFrom === undefined
        ? `${host} denies access without a login`
        : `${host} denies access to the account from ${credentialsFrom}`;
    case "not-found":
      return `not found at ${host}`;
    case "rate-limited":
      return `${host} limits the rate of requests`;
    case "timeout":
    case "server-error":
    case "protocol":
      return `${host} answers with HTTP status ${status}`;
  }
}

/** The registry's own words, in parentheses, safe to print. */
export function quoteEntry(entry: ErrorEntry | undefined): string {
  if (entry === undefined) return "";
  const parts = [entry.code, escapeText(entry.message)].filter((part) =>
    part !== ""
  );
  return ` (${parts.join(": ")})`;
}

/** What may mend it. */
export function hintFor(
  kind: RefusalKind,
  refusal: Refusal,
  status?: number,
  entry?: ErrorEntry,
): string | undefined {
  if (kind === "not-found" && entry?.code !== "NAME_UNKNOWN") {
    const repository = repositoryOfTag(refusal.what);
    if (repository !== undefined) {
      return `see its tags: dray tags ${repository}`;
    }
  }
  if (kind === "unauthorized" || kind === "denied") {
    return `dray login ${refusal.registry}`;
  }
  if (kind === "rate-limited" && refusal.credentialsFrom === undefined) {
    return `a login may have a higher limit: dray login ${refusal.registry}`;
  }
  // What servers say to plain HTTP at a TLS port, and to a missing certificate, in no common words.
  if (status === 400 && refusal.scheme === "http:") {
    return "the port may want TLS: leave out --plain-http";
  }
  if (status === 400 && refusal.scheme === "https:") {
    return "it may want a client certificate: name one in hosts.toml (see --hosts-dir)";
  }
  if (kind === "protocol" && refusal.scheme !== undefined) {
    return "no registry answers so: is its name right, and its port?";
  }
  return undefined;
}

/** Of a reference by tag, the part that other tags have in common with it. */
function repositoryOfTag(what: string): string | undefined {
  return /^([^@]+):[^/:@]+$/.exec(what)?.[1];
}
