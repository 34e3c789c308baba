import { errorDocument } from "./fake_auth.ts";
import type { FakeContent } from "./fake_content.ts";
import type { RecordedRequest } from "./raw_request.ts";
import { type RawResponse, rawResponse } from "./raw_response.ts";
import type { SignedUrls } from "./signed_urls.ts";

/** What a registry URL names. */
export interface Route {
  readonly repository: string;
  readonly kind: string;
  readonly reference: string;
}

/** Finds what a path names; undefined outside repositories. */
export function parseRoute(path: string): Route | undefined {
  const match = /^\/v2\/(.+)\/(manifests|blobs|tags|referrers)\/([^/]+)$/.exec(
    path,
  );
  if (match === null) return undefined;
  const [, repository = "", kind = "", reference = ""] = match;
  return { repository, kind, reference };
}

/** Answers as a registry that is well. */
export function answerRegistry(
  request: RecordedRequest,
  route: Route | undefined,
  content: FakeContent,
  signed: SignedUrls | undefined,
  cdnUrl: string,
): RawResponse {
  if (request.method !== "GET" && request.method !== "HEAD") {
    return errorDocument(405, "UNSUPPORTED", "The operation is unsupported");
  }
  if (route === undefined) {
    if (/^\/v2\/?$/.test(request.path)) {
      return rawResponse(200, {
        "Docker-Distribution-Api-Version": "registry/2.0",
      }, "{}");
    }
    return rawResponse(
      404,
      { "Content-Type": "text/plain" },
      "404 page not found\n",
    );
  }
  const { repository, kind, reference } = route;
  if (kind === "manifests") return content.manifest(repository, reference);
  if (kind === "tags") return content.tags(repository, request.query);
  if (kind === "referrers") {
    return errorDocument(404, "NOT_FOUND", "no referrers here");
  }
  if (
    signed === undefined ||
    content.findBlob(repository, reference) === undefined
  ) {
    return content.blob(repository, reference, request);
  }
  const target = `/cdn/${encodeURIComponent(repository)}/${reference}`;
  return rawResponse(307, { Location: `${cdnUrl}${signed.sign(target)}` });
}

/** Like object storage: refuses what is not signed, and what brings credentials besides. */
export function answerCdn(
  request: RecordedRequest,
  content: FakeContent,
  signed: SignedUrls,
): RawResponse {
  const xml = { "Content-Type": "application/xml" };
  if (request.headers.has("authorization")) {
    return rawResponse(400, xml, "<Error><Code>InvalidArgument</Code></Error>");
  }
  if (!signed.use(request.target)) {
    return rawResponse(403, xml, "<Error><Code>AccessDenied</Code></Error>");
  }
  const [, , repository = "", digest = ""] = request.path.split("/");
  return content.blob(decodeURIComponent(repository), digest, request);
}
