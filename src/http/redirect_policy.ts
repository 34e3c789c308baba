import type { HostKind } from "./host_address.ts";
import { classifyHost } from "./host_address.ts";

/** What an answer's `Location` leads to. */
export type Redirect =
  | { readonly kind: "none" }
  | { readonly kind: "follow"; readonly url: URL }
  | { readonly kind: "refuse"; readonly why: string };

const STATUSES = new Set([301, 302, 303, 307, 308]);

/** Headers that may leave the origin; any other can be a credential. */
const PORTABLE = new Set([
  "accept",
  "accept-encoding",
  "if-range",
  "range",
  "user-agent",
]);

/** How far inside a network each kind of host is. */
const DEPTHS: Readonly<Record<HostKind, number>> = {
  name: 0,
  public: 0,
  private: 1,
  "link-local": 2,
  loopback: 3,
};

/** Whether an answer of this status leads elsewhere where it says whereto. */
export function isRedirect(status: number): boolean {
  return STATUSES.has(status);
}

/** Judges a redirect by its text alone. */
export function judgeRedirect(
  from: URL,
  status: number,
  location: string | null,
): Redirect {
  if (!isRedirect(status) || location === null) return { kind: "none" };
  const url = URL.parse(location, from);
  if (url === null) {
    return { kind: "refuse", why: "it redirects to a malformed address" };
  }
  if (url.protocol !== "https:" && url.protocol !== "http:") {
    return {
      kind: "refuse",
      why: `it redirects to a "${url.protocol}" address`,
    };
  }
  if (from.protocol === "https:" && url.protocol === "http:") {
    return {
      kind: "refuse",
      why: `it redirects from HTTPS to plain HTTP at "${url.host}"`,
    };
  }
  url.username = "";
  url.password = "";
  url.hash = "";
  return { kind: "follow", url };
}

/**
 * Whether a redirect leads further inside a network than where it started:
 * from the internet to a private address, from there to a link-local or loopback one.
 *
 * @param start The kind of host that the user named, not of the hop before: hops in between earn no trust.
 */
export function leadsInside(start: HostKind, target: URL): boolean {
  const kind = classifyHost(target.hostname);
  // Where clouds hand out secrets, nobody is sent; not from loopback either.
  if (kind === "link-local") return start !== kind;
  return DEPTHS[kind] > DEPTHS[start];
}

/** The headers that go along to `to`; what stopped at a border is not taken up again after it. */
export function headersFor(
  headers: Readonly<Record<string, string>>,
  from: URL,
  to: URL,
): Readonly<Record<string, string>> {
  if (from.origin === to.origin) return headers;
  return Object.fromEntries(
    Object.entries(headers).filter(([name]) =>
      PORTABLE.has(name.toLowerCase())
    ),
  );
}
