import type { HttpRequest, HttpResponse } from "../http/http_request.ts";
import { findProtection, type Protection } from "./protection.ts";

/** What is sent with a request, and whether a newer one could be had. */
export interface Pass {
  readonly authorization: string;
  readonly renewable: boolean;
}

/** What a repository's requests need, and the URL that said so: the realm is judged by it. */
export interface Known {
  readonly protection: Protection;
  readonly from: URL;
}

/** What a 401 asks for; undefined where it asks for nothing that we can give. */
export function readChallenge(
  response: HttpResponse,
  request: HttpRequest,
): Known | undefined {
  if (response.status !== 401) return undefined;
  const field = response.headers.get("www-authenticate");
  const protection = findProtection(field, request.scope?.repository ?? "");
  const from = response.url === "" ? request.url : new URL(response.url);
  return protection && { protection, from };
}

/** The request with what lets it pass. */
export function authorize(
  request: HttpRequest,
  pass: Pass | undefined,
): HttpRequest {
  if (pass === undefined) return request;
  return {
    ...request,
    headers: { ...request.headers, authorization: pass.authorization },
  };
}

/** A refusal at the end of a redirect is not the registry's, and its challenge not answered (CVE-2020-15157). */
export function isOwnAnswer(
  response: HttpResponse,
  request: HttpRequest,
): boolean {
  return response.url === "" || new URL(response.url).host === request.url.host;
}

/** Some registries answer 400 (ECR Public) or 403 to a token that has expired. */
export function isRefusal(status: number, pass: Pass | undefined): boolean {
  return status === 401 ||
    (pass?.renewable === true && (status === 400 || status === 403));
}
