import { type Digest, findDigest, findDigestFault } from "../spec/digest.ts";
import { findRepositoryFault } from "../spec/repository_name.ts";
import { registryError } from "./registry_error_document.ts";
import type { ManifestKey, SourceRepository } from "./registry_source.ts";

/** What a request of the pull side asks for. */
export type RegistryRoute =
  | { readonly kind: "base" }
  | { readonly kind: "catalog" }
  | {
    readonly kind: "manifest";
    readonly repository: SourceRepository;
    readonly key: ManifestKey;
  }
  | {
    readonly kind: "blob" | "referrers";
    readonly repository: SourceRepository;
    readonly digest: Digest;
  }
  | { readonly kind: "tags"; readonly repository: SourceRepository };

const ROUTE = /^\/v2\/(.+)\/(manifests|blobs|referrers|tags)\/([^/]+)$/;
const TAG = /^\w[\w.-]{0,127}$/;

/**
 * Finds what a URL asks for (OCI distribution specification, endpoints), or the
 * answer that refuses it. Whatever comes out has passed its grammar: a
 * repository has no empty, `.` or `..` component and nothing percent-encoded.
 */
export function parseRoute(url: URL): RegistryRoute | Response {
  if (/^\/v2\/?$/.test(url.pathname)) return { kind: "base" };
  if (url.pathname === "/v2/_catalog") return { kind: "catalog" };
  const [, name = "", kind = "", encoded = ""] = ROUTE.exec(url.pathname) ?? [];
  if (kind === "" || (kind === "tags" && encoded !== "list")) {
    return registryError("NOT_FOUND", "there is no such endpoint");
  }
  const fault = findRepositoryFault(name);
  if (fault !== undefined) {
    return registryError("NAME_INVALID", `the repository's name ${fault}`);
  }
  const namespace = url.searchParams.get("ns");
  const repository = { name, ...namespace ? { namespace } : {} };
  if (kind === "tags") return { kind, repository };
  const reference = decodeComponent(encoded);
  if (kind === "manifests" && !reference.includes(":")) {
    return TAG.test(reference)
      ? { kind: "manifest", repository, key: { tag: reference } }
      : registryError("MANIFEST_UNKNOWN", "that is no tag");
  }
  return digestRoute(kind, repository, reference);
}

function digestRoute(
  kind: string,
  repository: SourceRepository,
  text: string,
): RegistryRoute | Response {
  const digest = findDigest(text);
  if (digest === undefined) {
    const problem = findDigestFault(text)?.problem ?? "it is no digest";
    return registryError("DIGEST_INVALID", problem);
  }
  if (kind === "manifests") {
    return { kind: "manifest", repository, key: { digest } };
  }
  return { kind: kind === "blobs" ? "blob" : "referrers", repository, digest };
}

/** Some clients encode a digest's colon. What does not decode fits no grammar. */
function decodeComponent(encoded: string): string {
  try {
    return decodeURIComponent(encoded);
  } catch (error) {
    if (error instanceof URIError) return encoded;
    throw error;
  }
}
